package io.mortise.engine.meter;

import java.util.List;

/** The figures of one open database. Thread-safe; reading them takes no lock and waits for nobody. */
public interface DatabaseMeters {
    /** What {@code DATABASE()} returns. */
    String database();

    /** The figures as of now. */
    Reading read();

    /** A line a session that does something or is in a transaction: which, since when, and why it goes on. */
    List<String> whoIsBusy();

    /** A statement was refused because another was in flight on its session. */
    void refused();
}
