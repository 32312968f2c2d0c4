package io.mortise.engine.storage.h2;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import org.h2.engine.SessionLocal;
import org.h2.util.DateTimeUtils;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.h2.value.ValueTimestampTimeZone;
import org.h2.value.ValueToObjectConverter;
import org.jspecify.annotations.Nullable;

/** The types of virtual columns between SQL and Java. Stateless. */
public final class SqlTypes {
    private SqlTypes() {}

    public static TypeInfo of(String type) {
        return switch (type.toUpperCase(Locale.ROOT)) {
            case "BIGINT" -> TypeInfo.TYPE_BIGINT;
            case "INTEGER", "INT" -> TypeInfo.TYPE_INTEGER;
            case "BOOLEAN" -> TypeInfo.TYPE_BOOLEAN;
            case "DOUBLE", "DOUBLE PRECISION" -> TypeInfo.TYPE_DOUBLE;
            case "TIMESTAMP WITH TIME ZONE" -> TypeInfo.getTypeInfo(Value.TIMESTAMP_TZ, -1, 6, null);
            case "VARCHAR" -> TypeInfo.TYPE_VARCHAR;
            default -> throw new IllegalArgumentException("Virtual columns have no type " + type);
        };
    }

    /** What SQL is shown for a Java value; null and an empty Optional are NULL. */
    public static Value value(SessionLocal session, @Nullable Object object) {
        Object plain = object instanceof Optional<?> optional ? optional.orElse(null) : object;
        return ValueToObjectConverter.objectToValue(session, plain, Value.UNKNOWN);
    }

    public static Instant instant(ValueTimestampTimeZone time) {
        return Instant.ofEpochSecond(DateTimeUtils.getEpochSeconds(
                        time.getDateValue(), time.getTimeNanos(), time.getTimeZoneOffsetSeconds()))
                .plusNanos(time.getTimeNanos() % 1_000_000_000);
    }

    /** The Java value that JDBC knows by the type; null for NULL. */
    public static @Nullable Object object(Value value) {
        return switch (value.getValueType()) {
            case Value.NULL -> null;
            case Value.TINYINT, Value.SMALLINT, Value.INTEGER, Value.BIGINT -> value.getLong();
            case Value.BOOLEAN -> value.getBoolean();
            case Value.REAL, Value.DOUBLE -> value.getDouble();
            case Value.NUMERIC, Value.DECFLOAT -> value.getBigDecimal();
            default -> value.getString();
        };
    }
}
