package io.mortise.driver.side;

import java.io.ByteArrayInputStream;
import java.io.StringReader;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Date;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Time;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The groups of calls, and what is called in each. Stateless. */
final class Calls {
    /** What is done on a connection, and how that is answered. */
    interface Call {
        String on(Connection connection) throws Exception;
    }

    private interface Setter {
        void set(PreparedStatement statement) throws SQLException;
    }

    private interface Updater {
        void update(ResultSet row, int column) throws SQLException;
    }

    private static final List<String> COLUMNS = List.of(
            "BOOLEAN",
            "TINYINT",
            "SMALLINT",
            "INTEGER",
            "BIGINT",
            "NUMERIC(20, 3)",
            "REAL",
            "DOUBLE PRECISION",
            "DECFLOAT",
            "VARCHAR(50)",
            "CHAR(5)",
            "CLOB",
            "VARBINARY(50)",
            "BLOB",
            "DATE",
            "TIME",
            "TIMESTAMP",
            "TIMESTAMP WITH TIME ZONE",
            "UUID",
            "INTERVAL DAY");

    private static final List<Object> VALUES = List.of(
            true,
            7,
            -5_000_000_000L,
            new BigDecimal("12.345"),
            1.5,
            "12",
            "2020-01-02",
            new byte[] {1, 2},
            Date.valueOf("2020-02-29"),
            Time.valueOf("10:11:12"),
            Timestamp.valueOf("2020-01-02 03:04:05.678"),
            'c');

    private static final Map<String, Integer> TYPES = new LinkedHashMap<>();

    static {
        List.of("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "NUMERIC", "REAL", "DOUBLE", "VARCHAR", "CHAR")
                .forEach(Calls::type);
        List.of("CLOB", "VARBINARY", "BLOB", "DATE", "TIME", "TIMESTAMP", "TIMESTAMP_WITH_TIMEZONE", "NVARCHAR")
                .forEach(Calls::type);
        List.of("JAVA_OBJECT", "OTHER", "ARRAY", "NULL", "ROWID", "SQLXML", "REF_CURSOR")
                .forEach(Calls::type);
    }

    private static void type(String name) {
        try {
            TYPES.put(name, Types.class.getField(name).getInt(null));
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    private Calls() {}

    static Map<String, Call> of(String group) {
        Map<String, Call> calls = new LinkedHashMap<>();
        switch (group) {
            case "setters" ->
                setters()
                        .forEach((name, setter) -> COLUMNS.forEach(column ->
                                calls.put(name + " as " + column, connection -> cast(connection, column, setter))));
            case "setObject" ->
                TYPES.forEach((type, number) -> VALUES.forEach(value -> calls.put(
                        value.getClass().getSimpleName() + " " + VALUES.indexOf(value) + " as " + type,
                        connection -> cast(connection, "VARCHAR", s -> s.setObject(1, value, number)))));
            case "updaters" ->
                updaters()
                        .forEach((name, updater) -> COLUMNS.forEach(column ->
                                calls.put(name + " of " + column, connection -> updated(connection, column, updater))));
            case "cancel" -> calls.putAll(CancelCalls.all());
            case "rights" -> calls.putAll(RightsCalls.all());
            default -> calls.putAll(ReadingCalls.of(group));
        }
        return calls;
    }

    private static Map<String, Setter> setters() {
        Map<String, Setter> all = new LinkedHashMap<>();
        all.put("setNull", s -> s.setNull(1, Types.INTEGER));
        all.put("setBoolean", s -> s.setBoolean(1, true));
        all.put("setByte", s -> s.setByte(1, (byte) 7));
        all.put("setShort", s -> s.setShort(1, (short) 300));
        all.put("setInt", s -> s.setInt(1, 70_000));
        all.put("setLong", s -> s.setLong(1, Long.MAX_VALUE));
        all.put("setFloat", s -> s.setFloat(1, Float.NaN));
        all.put("setDouble", s -> s.setDouble(1, 1e300));
        all.put("setBigDecimal", s -> s.setBigDecimal(1, new BigDecimal("1.50")));
        all.put("setString", s -> s.setString(1, "2020-01-02"));
        all.put("setNString", s -> s.setNString(1, "\u00e4"));
        all.put("setBytes", s -> s.setBytes(1, new byte[] {1, -1}));
        all.put("setDate", s -> s.setDate(1, Date.valueOf("2020-02-29")));
        all.put("setTime", s -> s.setTime(1, Time.valueOf("10:11:12")));
        all.put("setTimestamp", s -> s.setTimestamp(1, Timestamp.valueOf("2020-01-02 03:04:05.6")));
        all.put("setAsciiStream", s -> s.setAsciiStream(1, new ByteArrayInputStream(new byte[] {'1', '2'})));
        all.put("setBinaryStream", s -> s.setBinaryStream(1, new ByteArrayInputStream(new byte[] {1}), 5));
        all.put("setCharacterStream", s -> s.setCharacterStream(1, new StringReader("text"), 2));
        all.put("setArray", s -> s.setArray(1, s.getConnection().createArrayOf("INTEGER", new Object[] {1})));
        return all;
    }

    private static Map<String, Updater> updaters() {
        Map<String, Updater> all = new LinkedHashMap<>();
        all.put("updateNull", (row, i) -> row.updateNull(i));
        all.put("updateBoolean", (row, i) -> row.updateBoolean(i, true));
        all.put("updateByte", (row, i) -> row.updateByte(i, (byte) 7));
        all.put("updateShort", (row, i) -> row.updateShort(i, (short) 300));
        all.put("updateInt", (row, i) -> row.updateInt(i, 70_000));
        all.put("updateLong", (row, i) -> row.updateLong(i, Long.MAX_VALUE));
        all.put("updateFloat", (row, i) -> row.updateFloat(i, 0.5f));
        all.put("updateDouble", (row, i) -> row.updateDouble(i, Double.NaN));
        all.put("updateBigDecimal", (row, i) -> row.updateBigDecimal(i, new BigDecimal("1.50")));
        all.put("updateString", (row, i) -> row.updateString(i, "2020-01-02"));
        all.put("updateNString", (row, i) -> row.updateNString(i, "12"));
        all.put("updateBytes", (row, i) -> row.updateBytes(i, new byte[] {1, -1}));
        all.put("updateDate", (row, i) -> row.updateDate(i, Date.valueOf("2020-02-29")));
        all.put("updateTime", (row, i) -> row.updateTime(i, Time.valueOf("10:11:12")));
        all.put("updateTimestamp", (row, i) -> row.updateTimestamp(i, Timestamp.valueOf("2020-01-02 03:04:05.6")));
        all.put("updateAsciiStream", (row, i) -> row.updateAsciiStream(i, new ByteArrayInputStream(new byte[] {'1'})));
        all.put("updateBinaryStream", (row, i) -> row.updateBinaryStream(i, new ByteArrayInputStream(new byte[3]), 2));
        all.put("updateClob", (row, i) -> row.updateClob(i, new StringReader("text")));
        all.put("updateObject", (row, i) -> row.updateObject(i, 7, Types.VARCHAR));
        return all;
    }

    private static String cast(Connection connection, String type, Setter setter) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement("SELECT CAST(? AS " + type + ")")) {
            setter.set(statement);
            return Steps.rows(statement.executeQuery());
        }
    }

    private static String updated(Connection connection, String type, Updater updater) throws SQLException {
        Steps.run(connection, "CREATE TABLE U(ID INT PRIMARY KEY, V " + type + ")", "INSERT INTO U VALUES (1, NULL)");
        try (Statement statement =
                connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)) {
            ResultSet row = statement.executeQuery("SELECT ID, V FROM U");
            row.next();
            updater.update(row, 2);
            row.updateRow();
            return row.getString(2) + ", " + Steps.rows(connection, "SELECT * FROM U");
        } finally {
            Steps.run(connection, "DROP TABLE U");
        }
    }
}
