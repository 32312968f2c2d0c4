package io.mortise.engine.policy;

/** The isolation level that a session has asked for, whatever storage runs on. Declared weakest first. */
public enum Isolation {
    READ_UNCOMMITTED,
    READ_COMMITTED,
    REPEATABLE_READ,
    SNAPSHOT,
    SERIALIZABLE
}
