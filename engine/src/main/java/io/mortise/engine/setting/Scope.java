package io.mortise.engine.setting;

/** Where a setting counts: in the whole open database, or in one session. */
public enum Scope {
    DATABASE,
    SESSION
}
