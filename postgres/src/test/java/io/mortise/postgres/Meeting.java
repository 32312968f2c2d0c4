package io.mortise.postgres;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What sessions do to one another: the statements of each, and the orders in which they may come. */
enum Meeting {
    ROW(Map.of(
            "a", List.of("UPDATE MET SET V = V + 1 WHERE ID = 1", "COMMIT"),
            "b", List.of("UPDATE MET SET V = V * 3 WHERE ID = 1", "ROLLBACK"))),
    /** Who has waited looks again whether the row is still one of theirs. */
    ROW_THAT_IS_NO_LONGER_MEANT(Map.of(
            "a", List.of("UPDATE MET SET V = 10 WHERE ID = 1", "COMMIT"),
            "b", List.of("UPDATE MET SET V = V + 1 WHERE V = 0", "COMMIT"))),
    ROW_THAT_MOVES_TO_ANOTHER_PARTITION(Map.of(
            "a", List.of("UPDATE PARTED SET ID = 11 WHERE ID = 1", "COMMIT"),
            "b", List.of("UPDATE PARTED SET V = 1 WHERE ID = 1", "COMMIT"))),
    TABLE(Map.of(
            "a", List.of("LOCK TABLE MET IN SHARE MODE", "COMMIT"),
            "b", List.of("UPDATE MET SET V = 7 WHERE ID = 2", "COMMIT"))),
    DEFINITION(Map.of(
            "a", List.of("ALTER TABLE MET ADD COLUMN W INT", "ROLLBACK"),
            "b", List.of("SELECT count(*) FROM MET", "COMMIT"))),
    FOREIGN_KEY(Map.of(
            "a", List.of("DELETE FROM MET WHERE ID = 3", "COMMIT"),
            "b", List.of("INSERT INTO MET_CHILD VALUES (3)", "COMMIT"))),
    FOREIGN_KEY_AND_ITS_ROW(Map.of(
            "a", List.of("INSERT INTO MET_CHILD VALUES (1)", "UPDATE MET SET V = V + 1 WHERE ID = 1", "COMMIT"),
            "b", List.of("INSERT INTO MET_CHILD VALUES (1)", "UPDATE MET SET V = V + 1 WHERE ID = 1", "COMMIT"))),
    UNIQUE_KEY(Map.of(
            "a", List.of("INSERT INTO MET VALUES (9, 1)", "ROLLBACK"),
            "b", List.of("INSERT INTO MET VALUES (9, 2)", "COMMIT"))),
    UNIQUE_KEY_THAT_IS_NOT_MINDED(Map.of(
            "a", List.of("INSERT INTO MET VALUES (9, 1) ON CONFLICT DO NOTHING", "COMMIT"),
            "b", List.of("INSERT INTO MET VALUES (9, 2) ON CONFLICT (ID) DO UPDATE SET V = MET.V + 10", "ROLLBACK"))),
    QUEUE(Map.of(
            "a", List.of("SELECT * FROM MET WHERE ID = 1 FOR SHARE", "COMMIT"),
            "b", List.of("UPDATE MET SET V = V + 1 WHERE ID = 1", "COMMIT"),
            "c", List.of("SELECT * FROM MET WHERE ID = 1 FOR UPDATE", "COMMIT"))),
    STRENGTHS(Map.of(
            "a", List.of("SELECT * FROM MET WHERE ID = 1 FOR KEY SHARE", "COMMIT"),
            "b", List.of("SELECT * FROM MET WHERE ID = 1 FOR NO KEY UPDATE", "COMMIT"),
            "c", List.of("DELETE FROM MET WHERE ID = 1", "ROLLBACK"))),
    NOWAIT(Map.of(
            "a", List.of("UPDATE MET SET V = 5 WHERE ID = 1", "COMMIT"),
            "b", List.of("SELECT * FROM MET WHERE ID = 1 FOR UPDATE NOWAIT", "COMMIT"))),
    SKIP_LOCKED(Map.of(
            "a", List.of("SELECT ID FROM MET ORDER BY ID LIMIT 1 FOR UPDATE SKIP LOCKED", "COMMIT"),
            "b", List.of("SELECT ID FROM MET ORDER BY ID LIMIT 1 FOR UPDATE SKIP LOCKED", "COMMIT"))),
    NAME(Map.of(
            "a", List.of("SELECT pg_advisory_xact_lock(7)", "COMMIT"),
            "b", List.of("SELECT pg_advisory_xact_lock(7)", "ROLLBACK"))),
    SAVEPOINT(Map.of(
            "a", List.of("SAVEPOINT s", "UPDATE MET SET V = 5 WHERE ID = 1", "ROLLBACK TO s", "COMMIT"),
            "b", List.of("UPDATE MET SET V = V + 1 WHERE ID = 1", "COMMIT"))),
    REPEATABLE_READ(Map.of(
            "a", List.of("UPDATE MET SET V = V + 1 WHERE ID = 1", "COMMIT"),
            "b",
                    List.of(
                            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
                            "SELECT V FROM MET WHERE ID = 1",
                            "UPDATE MET SET V = V * 3 WHERE ID = 1",
                            "COMMIT"))),
    SERIALIZABLE(Map.of(
            "a",
                    List.of(
                            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                            "SELECT sum(V) FROM MET",
                            "UPDATE MET SET V = V + 1 WHERE ID = 1",
                            "COMMIT"),
            "b",
                    List.of(
                            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
                            "SELECT sum(V) FROM MET",
                            "UPDATE MET SET V = V + 1 WHERE ID = 2",
                            "COMMIT"))),
    DEADLOCK(Map.of(
            "a", List.of("UPDATE MET SET V = V + 1 WHERE ID = 1", "UPDATE MET SET V = V + 1 WHERE ID = 2", "COMMIT"),
            "b", List.of("UPDATE MET SET V = V + 1 WHERE ID = 2", "UPDATE MET SET V = V + 1 WHERE ID = 1", "COMMIT"))),
    TIMEOUT(Map.of(
            "a", List.of("UPDATE MET SET V = 5 WHERE ID = 1", "COMMIT"),
            "b",
                    List.of(
                            "SET LOCAL lock_timeout = 150",
                            "UPDATE MET SET V = V + 1 WHERE ID = 1 -- limited",
                            "COMMIT")));

    private final Map<String, List<String>> scripts;

    Meeting(Map<String, List<String>> scripts) {
        this.scripts = new TreeMap<>(scripts);
    }

    Map<String, List<String>> scripts() {
        return scripts;
    }

    List<List<String>> orders() {
        List<List<String>> orders = new ArrayList<>();
        extend(List.of(), orders);
        return orders;
    }

    /** Is it one of the orders that each build tries? The others are the night's: all of them take minutes. */
    boolean isShort(List<String> order) {
        return switch (this) {
            case QUEUE -> order.get(0).equals("a");
            case STRENGTHS, SAVEPOINT, REPEATABLE_READ, SERIALIZABLE -> isInTurns(order);
            default -> true;
        };
    }

    /** Everybody comes once before anybody comes again, and always in the same order. */
    private boolean isInTurns(List<String> order) {
        List<String> first = order.subList(0, scripts.size());
        return first.stream().distinct().count() == scripts.size()
                && order.subList(scripts.size(), 2 * scripts.size()).equals(first);
    }

    private void extend(List<String> begun, List<List<String>> orders) {
        boolean isComplete = true;
        for (String name : scripts.keySet()) {
            long used = begun.stream().filter(name::equals).count();
            if (used < scripts.getOrDefault(name, List.of()).size()) {
                isComplete = false;
                List<String> longer = new ArrayList<>(begun);
                longer.add(name);
                extend(longer, orders);
            }
        }
        if (isComplete) {
            orders.add(begun);
        }
    }
}
