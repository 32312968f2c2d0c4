package io.mortise.driver.integrity;

import java.util.List;
import java.util.function.Predicate;

/**
 * The interleavings of Martin Kleppmann's Hermitage tests, and how to see that one has gone wrong. The names of the
 * first column are those of Adya's thesis, as Hermitage has them. Table TEST holds (1, 10) and (2, 20); each step is a
 * session and what it runs.
 */
enum Anomaly {
    G0(
            "G0",
            "write cycles: two transactions overwrite each other",
            run -> run.committed(1, 2)
                    && !run.table().equals(List.of("1 | 11", "2 | 21"))
                    && !run.table().equals(List.of("1 | 12", "2 | 22")),
            "1 UPDATE TEST SET V = 11 WHERE ID = 1",
            "2 UPDATE TEST SET V = 12 WHERE ID = 1",
            "1 UPDATE TEST SET V = 21 WHERE ID = 2",
            "1 COMMIT",
            "2 UPDATE TEST SET V = 22 WHERE ID = 2",
            "2 COMMIT"),
    G1A(
            "G1a",
            "aborted reads: what is rolled back has been read",
            run -> run.reads(2).contains(List.of("101")),
            "1 UPDATE TEST SET V = 101 WHERE ID = 1",
            "2 SELECT V FROM TEST WHERE ID = 1",
            "1 ROLLBACK",
            "2 SELECT V FROM TEST WHERE ID = 1",
            "2 COMMIT"),
    G1B(
            "G1b",
            "intermediate reads: what is overwritten before the commit has been read",
            run -> run.reads(2).contains(List.of("101")),
            "1 UPDATE TEST SET V = 101 WHERE ID = 1",
            "2 SELECT V FROM TEST WHERE ID = 1",
            "1 UPDATE TEST SET V = 11 WHERE ID = 1",
            "1 COMMIT",
            "2 SELECT V FROM TEST WHERE ID = 1",
            "2 COMMIT"),
    G1C(
            "G1c",
            "circular information flow: each has read what the other wrote",
            run -> run.reads(1).contains(List.of("22")) && run.reads(2).contains(List.of("11")),
            "1 UPDATE TEST SET V = 11 WHERE ID = 1",
            "2 UPDATE TEST SET V = 22 WHERE ID = 2",
            "1 SELECT V FROM TEST WHERE ID = 2",
            "2 SELECT V FROM TEST WHERE ID = 1",
            "1 COMMIT",
            "2 COMMIT"),
    OTV(
            "OTV",
            "observed transaction vanishes: one half of it is seen, the other no more",
            run -> run.reads(3).contains(List.of("1 | 12", "2 | 19"))
                    || run.reads(3).contains(List.of("1 | 11", "2 | 18")),
            "1 UPDATE TEST SET V = 11 WHERE ID = 1",
            "1 UPDATE TEST SET V = 19 WHERE ID = 2",
            "2 UPDATE TEST SET V = 12 WHERE ID = 1",
            "1 COMMIT",
            "3 SELECT * FROM TEST ORDER BY ID",
            "2 UPDATE TEST SET V = 18 WHERE ID = 2",
            "3 SELECT * FROM TEST ORDER BY ID",
            "2 COMMIT",
            "3 SELECT * FROM TEST ORDER BY ID",
            "3 COMMIT"),
    PMP(
            "PMP",
            "predicate-many-preceders: a row appears in what has been searched",
            run -> run.reads(1).contains(List.of("3 | 30")),
            "1 SELECT * FROM TEST WHERE V = 30",
            "2 INSERT INTO TEST VALUES (3, 30)",
            "2 COMMIT",
            "1 SELECT * FROM TEST WHERE MOD(V, 3) = 0",
            "1 COMMIT"),
    PMP_WRITE(
            "PMP, write",
            "a DELETE passes by a row that matches before and after",
            run -> run.committed(1, 2) && run.table().size() == 2,
            "1 UPDATE TEST SET V = V + 10",
            "2 DELETE FROM TEST WHERE V = 20",
            "1 COMMIT",
            "2 COMMIT"),
    P4(
            "P4",
            "lost update: both write on what both have read",
            run -> run.committed(1, 2)
                    && run.reads(1).contains(List.of("10"))
                    && run.reads(2).contains(List.of("10")),
            "1 SELECT V FROM TEST WHERE ID = 1",
            "2 SELECT V FROM TEST WHERE ID = 1",
            "1 UPDATE TEST SET V = 11 WHERE ID = 1",
            "2 UPDATE TEST SET V = 12 WHERE ID = 1",
            "1 COMMIT",
            "2 COMMIT"),
    G_SINGLE(
            "G-single",
            "read skew: one row from before a transaction, another from after it",
            run -> run.reads(1).contains(List.of("10")) && run.reads(1).contains(List.of("18")),
            "1 SELECT V FROM TEST WHERE ID = 1",
            "2 SELECT V FROM TEST WHERE ID = 1",
            "2 SELECT V FROM TEST WHERE ID = 2",
            "2 UPDATE TEST SET V = 12 WHERE ID = 1",
            "2 UPDATE TEST SET V = 18 WHERE ID = 2",
            "2 COMMIT",
            "1 SELECT V FROM TEST WHERE ID = 2",
            "1 COMMIT"),
    G_SINGLE_PREDICATE(
            "G-single, predicate",
            "the same through a condition",
            run -> run.reads(1).contains(List.of("1 | 10", "2 | 20"))
                    && run.reads(1).contains(List.of("1 | 12")),
            "1 SELECT * FROM TEST WHERE MOD(V, 5) = 0 ORDER BY ID",
            "2 UPDATE TEST SET V = 12 WHERE V = 10",
            "2 COMMIT",
            "1 SELECT * FROM TEST WHERE MOD(V, 3) = 0",
            "1 COMMIT"),
    G_SINGLE_WRITE(
            "G-single, write",
            "a DELETE searches what is newer, or older, than what was read",
            run -> run.committed(1, 2)
                    && run.reads(1).contains(List.of("10"))
                    && run.changes(2).equals(List.of(1L, 1L)),
            "1 SELECT V FROM TEST WHERE ID = 1",
            "2 SELECT * FROM TEST ORDER BY ID",
            "2 UPDATE TEST SET V = 12 WHERE ID = 1",
            "2 UPDATE TEST SET V = 18 WHERE ID = 2",
            "2 COMMIT",
            "1 DELETE FROM TEST WHERE V = 20",
            "1 COMMIT"),
    G_SINGLE_WRITE_OPEN(
            "G-single, open write",
            "a DELETE that is rolled back later has hidden a row from an UPDATE",
            run -> run.committed(2) && !run.table().equals(List.of("1 | 12", "2 | 18")),
            "1 SELECT V FROM TEST WHERE ID = 1",
            "2 SELECT * FROM TEST ORDER BY ID",
            "2 UPDATE TEST SET V = 12 WHERE ID = 1",
            "1 DELETE FROM TEST WHERE V = 20",
            "2 UPDATE TEST SET V = 18 WHERE ID = 2",
            "1 ROLLBACK",
            "2 COMMIT"),
    G2_ITEM(
            "G2-item",
            "write skew: each writes what the other has read",
            run -> run.committed(1, 2)
                    && run.reads(1).contains(List.of("1 | 10", "2 | 20"))
                    && run.reads(2).contains(List.of("1 | 10", "2 | 20")),
            "1 SELECT * FROM TEST WHERE ID IN (1, 2) ORDER BY ID",
            "2 SELECT * FROM TEST WHERE ID IN (1, 2) ORDER BY ID",
            "1 UPDATE TEST SET V = 11 WHERE ID = 1",
            "2 UPDATE TEST SET V = 21 WHERE ID = 2",
            "1 COMMIT",
            "2 COMMIT"),
    G2(
            "G2",
            "the same with rows that are not there yet",
            run -> run.committed(1, 2)
                    && run.reads(1).contains(List.of())
                    && run.reads(2).contains(List.of()),
            "1 SELECT * FROM TEST WHERE MOD(V, 3) = 0",
            "2 SELECT * FROM TEST WHERE MOD(V, 3) = 0",
            "1 INSERT INTO TEST VALUES (3, 30)",
            "2 INSERT INTO TEST VALUES (4, 42)",
            "1 COMMIT",
            "2 COMMIT"),
    G2_READER(
            "G2, reader",
            "the same, and only a third, who writes nothing, could tell",
            run -> run.committed(1, 2, 3)
                    && run.reads(1).contains(List.of("1 | 10", "2 | 20"))
                    && run.reads(3).contains(List.of("1 | 10", "2 | 25")),
            "1 SELECT * FROM TEST ORDER BY ID",
            "2 UPDATE TEST SET V = V + 5 WHERE ID = 2",
            "2 COMMIT",
            "3 SELECT * FROM TEST ORDER BY ID",
            "3 COMMIT",
            "1 UPDATE TEST SET V = 0 WHERE ID = 1",
            "1 COMMIT");

    /** What a run of the steps gave, and what was left in the table. */
    record Outcome(ScriptedRun run, List<String> table) {
        boolean committed(int... sessions) {
            return run.committed(sessions);
        }

        List<List<String>> reads(int session) {
            return run.reads(session);
        }

        List<Long> changes(int session) {
            return run.changes(session);
        }
    }

    private final String title;
    private final String meaning;
    private final Predicate<Outcome> hasHappened;
    private final List<String> steps;

    Anomaly(String title, String meaning, Predicate<Outcome> hasHappened, String... steps) {
        this.title = title;
        this.meaning = meaning;
        this.hasHappened = hasHappened;
        this.steps = List.of(steps);
    }

    /** The name in the literature, and what it is. */
    String describe() {
        return title + " | " + meaning;
    }

    /** Plays the steps at an isolation level, on a table TEST of its own; has it gone wrong? */
    boolean happens(Cast cast, String level) {
        cast.aside("DROP TABLE IF EXISTS TEST");
        cast.aside("CREATE TABLE TEST(ID INT PRIMARY KEY, V INT)");
        cast.aside("INSERT INTO TEST VALUES (1, 10), (2, 20)");
        ScriptedRun run = ScriptedRun.of(cast, level, steps);
        return hasHappened.test(new Outcome(run, cast.aside("SELECT * FROM TEST ORDER BY ID")));
    }
}
