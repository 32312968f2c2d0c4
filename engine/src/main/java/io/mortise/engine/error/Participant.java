package io.mortise.engine.error;

import java.io.Serializable;

/**
 * A transaction that takes part in a wait. Immutable.
 *
 * @param lock what it holds or asks for, {@code EX ROW}; empty if that is not known
 * @param sql what it runs, or ran last; empty for a reader who may not see it
 * @param thread the name of the thread that ran it
 */
public record Participant(int session, long transaction, String user, String lock, String sql, String thread)
        implements Serializable {}
