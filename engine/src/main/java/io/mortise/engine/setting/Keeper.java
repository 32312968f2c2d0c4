package io.mortise.engine.setting;

/** Who has the value: there it is read, and there it is put. */
public enum Keeper {
    /** The database's one {@code DatabaseSettings}, for those who may lock the system. */
    DATABASE,
    /** The same, for administrators only: it reaches out of the database. */
    ADMINISTRATORS,
    /** Nobody: it counts while a connection is made, and cannot be set later. */
    CONNECTING,
    /** The connection, among those that share a session: the session room's {@code Attachment}. */
    CONNECTION,
    /** The session room's {@code Session}. */
    SESSION,
    /** The session as storage has it: its {@code SessionSettings}. */
    STORAGE
}
