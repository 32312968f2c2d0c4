package io.mortise.engine.lock;

/**
 * Why a wait, a statement or a transaction is to end, and at whose word. Immutable.
 *
 * @param bySession the session that asked for it; 0 where nobody did
 * @param why what happened, for the message: a sentence without its full stop; empty where {@code end} says it all
 */
public record WaitEnding(WaitEnd end, int bySession, String why) {
    public WaitEnding(WaitEnd end, int bySession) {
        this(end, bySession, "");
    }

    public static WaitEnding of(WaitEnd end) {
        return new WaitEnding(end, 0);
    }

    /** Does the session end with it? */
    public boolean isForGood() {
        return end == WaitEnd.SESSION_CLOSED;
    }

    /** Does this take the place of another that has not been carried out yet? The further it reaches, the stronger. */
    public boolean isStrongerThan(WaitEnding other) {
        return end.reach() > other.end.reach();
    }
}
