package io.mortise.engine.lock;

/**
 * Why a wait is to end, and at whose word. Immutable.
 *
 * @param bySession the session that asked for it; 0 where nobody did
 */
public record WaitEnding(WaitEnd end, int bySession) {
    public static WaitEnding of(WaitEnd end) {
        return new WaitEnding(end, 0);
    }
}
