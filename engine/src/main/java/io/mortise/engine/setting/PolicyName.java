package io.mortise.engine.setting;

import java.util.Locale;

/** LOCK_POLICY: the lock policies there are. What each of them locks is said in the room {@code policy}. */
public enum PolicyName {
    MVCC,
    KOGNITIO,
    SQREAM;

    /** As the setting, and the tables, spell it. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
