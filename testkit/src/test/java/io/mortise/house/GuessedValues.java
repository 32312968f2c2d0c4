package io.mortise.house;

import java.util.Map;

/**
 * Values that a reader has to guess the meaning of, and that are left from before there was a rule. The lists shrink:
 * one that has become too long fails the build, and nothing is added unless somebody outside has dictated it.
 */
final class GuessedValues {
    /** How many boolean parameters a method has, by {@code Type.method}. */
    static final Map<String, Integer> BOOLEANS = Map.ofEntries(
            Map.entry("Course.rollBack", 1),
            Map.entry("Errors.<init>", 1),
            Map.entry("Errors.afterwards", 1),
            Map.entry("Errors.ofEnding", 1),
            Map.entry("LockWait.set", 1),
            Map.entry("MortiseConnection.enquoteIdentifier", 1), // JDBC's
            Map.entry("NameLocks.answer", 1),
            Map.entry("Reports.<init>", 1),
            Map.entry("StatementCalls.executed", 1)); // what JDBC's execute has returned

    /** How often a file says -1: as an index that is none, to count down, or in a call of somebody else's. */
    static final Map<String, Integer> MINUS_ONES = Map.ofEntries(
            Map.entry("BlockingTree", 1),
            Map.entry("CommandParser", 2),
            Map.entry("Course", 1),
            Map.entry("Execution", 1),
            Map.entry("FastPath", 2),
            Map.entry("Functions", 1),
            Map.entry("HeldUp", 1),
            Map.entry("LockQueue", 5),
            Map.entry("NestedJars", 1),
            Map.entry("Party", 1),
            Map.entry("PostgresUrl", 1),
            Map.entry("QuestionMarks", 1),
            Map.entry("QueueRows", 1),
            Map.entry("Refusals", 1),
            Map.entry("ServerCommands", 1),
            Map.entry("SlotRefusals", 1),
            Map.entry("SqlTypes", 1),
            Map.entry("SqreamViews", 1),
            Map.entry("Storage", 1),
            Map.entry("TransactionViews", 1),
            Map.entry("WaitingLine", 1));

    private GuessedValues() {}
}
