package io.mortise.postgres.table;

import java.sql.DatabaseMetaData;
import java.sql.Types;
import java.util.Map;

/** The type of a column of ours, as the server has it. Immutable. */
enum ColumnType {
    INT8(Types.BIGINT, 19),
    INT4(Types.INTEGER, 10),
    BOOL(Types.BIT, 1),
    FLOAT8(Types.DOUBLE, 17),
    TIMESTAMPTZ(Types.TIMESTAMP, 35),
    TEXT(Types.VARCHAR, Integer.MAX_VALUE);

    private final int jdbc;
    private final int size;

    ColumnType(int jdbc, int size) {
        this.jdbc = jdbc;
        this.size = size;
    }

    /** Of a type as the engine writes it. */
    static ColumnType of(String type) {
        return switch (type) {
            case "BIGINT" -> INT8;
            case "INTEGER" -> INT4;
            case "BOOLEAN" -> BOOL;
            case "DOUBLE PRECISION" -> FLOAT8;
            case "TIMESTAMP WITH TIME ZONE" -> TIMESTAMPTZ;
            default -> TEXT;
        };
    }

    /** What {@code DatabaseMetaData.getColumns} says of it. */
    Map<String, Object> inMetaData() {
        return Map.of(
                "DATA_TYPE",
                jdbc,
                "TYPE_NAME",
                name().toLowerCase(java.util.Locale.ROOT),
                "COLUMN_SIZE",
                size,
                "NULLABLE",
                DatabaseMetaData.columnNullable,
                "IS_NULLABLE",
                "YES");
    }
}
