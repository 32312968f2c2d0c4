package io.mortise.engine.policy;

/** What a statement does, as far as locks are concerned. */
public enum StatementKind {
    SELECT,
    SELECT_FOR_SHARE,
    /** Keeps the rows and their keys; all else in them may be changed. */
    SELECT_FOR_KEY_SHARE,
    SELECT_FOR_UPDATE,
    INSERT,
    UPDATE,
    DELETE,
    MERGE,
    TRUNCATE,
    /** Creates, alters or drops a table or an index. */
    TABLE_DDL,
    /** Creates, alters or drops a schema. */
    SCHEMA_DDL,
    /** Creates, alters or drops a user or a role, grants or revokes. */
    RIGHTS,
    LOCK_TABLE_SHARE,
    LOCK_TABLE_EXCLUSIVE,
    LOCK_SYSTEM,
    /** Anything else; what it reads it reads like a SELECT. */
    OTHER;

    /** Is it a query that locks the rows which it selects, in whatever way? */
    public boolean locksSelectedRows() {
        return sharesSelectedRows() || this == SELECT_FOR_UPDATE;
    }

    /** Is it such a query, and may others lock the same rows in the same way? */
    public boolean sharesSelectedRows() {
        return this == SELECT_FOR_SHARE || this == SELECT_FOR_KEY_SHARE;
    }
}
