package io.mortise.driver.soak;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What the clients of a run were told: which tokens are in the table, which are not, and of which nobody knows because
 * the connection was lost. Tokens of one transaction belong together. Thread-safe.
 */
final class Oracle {
    /** What a client was told of a transaction. */
    enum Told {
        COMMITTED,
        UNDONE,
        /** The connection was lost in it: all of it is there, or nothing. */
        UNKNOWN
    }

    private record Transaction(long first, int size, Told told, String how, String error) {}

    private final AtomicLong next = new AtomicLong(1);
    private final Map<Long, Transaction> transactions = new ConcurrentHashMap<>();
    private final Map<String, AtomicLong> counts = new ConcurrentHashMap<>();
    private final Queue<String> unexpected = new ConcurrentLinkedQueue<>();

    /** Numbers that nobody has used, the first of so many. */
    long tokens(int size) {
        return next.getAndAdd(size);
    }

    /** @param how by which kind of client, for the report */
    void tell(long first, int size, Told told, String how) {
        tell(first, size, told, how, "");
    }

    /** @param error what the client was told, in its own words */
    void tell(long first, int size, Told told, String how, Object error) {
        String text = error instanceof Throwable thrown ? summary(thrown) : String.valueOf(error);
        transactions.put(first, new Transaction(first, size, told, how, text));
        count(how + " " + told);
    }

    private static String summary(Throwable thrown) {
        StringBuilder text = new StringBuilder(thrown.toString());
        for (StackTraceElement element : thrown.getStackTrace()) {
            if (element.getClassName().startsWith("io.mortise.driver.InFlight")) {
                text.append(" < ").append(element);
            }
        }
        return text.toString();
    }

    /** Something that no client should meet, whatever the levers do. */
    void unexpected(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        unexpected.add(Thread.currentThread().getName() + ": " + text);
        count("unexpected " + thrown);
    }

    /** What no client should have met, with stack traces. */
    List<String> unexpected() {
        return List.copyOf(unexpected);
    }

    void count(String what) {
        counts.computeIfAbsent(what, missing -> new AtomicLong()).incrementAndGet();
    }

    /** How often what happened, a line each. */
    String counts() {
        StringBuilder text = new StringBuilder();
        counts.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry ->
                        text.append("\n  ").append(entry.getKey()).append(": ").append(entry.getValue()));
        return text.toString();
    }

    /** What the table of tokens contradicts. */
    List<String> contradictions(Connection connection) throws SQLException {
        Set<Long> there = new HashSet<>();
        List<String> wrong = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("SELECT TOKEN FROM LEDGER")) {
            while (rows.next()) {
                if (!there.add(rows.getLong(1))) {
                    wrong.add("twice: " + rows.getLong(1));
                }
            }
        }
        for (Transaction transaction : transactions.values()) {
            int found = 0;
            for (long token = transaction.first(); token < transaction.first() + transaction.size(); token++) {
                found += there.remove(token) ? 1 : 0;
            }
            boolean isRight = switch (transaction.told()) {
                case COMMITTED -> found == transaction.size();
                case UNDONE -> found == 0;
                case UNKNOWN -> found == 0 || found == transaction.size();
            };
            if (!isRight) {
                wrong.add(transaction + ": " + found + " are there");
            }
        }
        there.forEach(token -> wrong.add("nobody knows " + token));
        return wrong;
    }
}
