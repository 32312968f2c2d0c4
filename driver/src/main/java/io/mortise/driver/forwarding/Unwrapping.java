package io.mortise.driver.forwarding;

import java.sql.SQLException;
import java.sql.Wrapper;

/** {@code unwrap} for all that this driver hands out: what we are, or else what H2's object is. */
public final class Unwrapping {
    private Unwrapping() {}

    public static <T> T unwrap(Wrapper ours, Wrapper below, Class<T> type) throws SQLException {
        return type != null && type.isInstance(ours) ? type.cast(ours) : below.unwrap(type);
    }

    public static boolean isWrapperFor(Wrapper ours, Wrapper below, Class<?> type) throws SQLException {
        return (type != null && type.isInstance(ours)) || below.isWrapperFor(type);
    }
}
