package io.mortise.engine.setting;

/** SESSION_BUSY: what happens to a statement that comes while another is in flight on its session. */
public enum BusyMode {
    /** It is refused. */
    FAIL,
    /** It stands in line. */
    WAIT,
    /** It asks again now and then, out of line. */
    RETRY
}
