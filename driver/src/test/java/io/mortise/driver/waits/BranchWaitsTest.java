package io.mortise.driver.waits;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Who waits for a branch that is prepared, whether or not its session is there still, waits as for everybody else: the
 * tables show it, and whatever ends a wait ends this one; so does the end of the branch.
 */
@Timeout(120)
final class BranchWaitsTest {
    private static final String BRANCH = "\"x 1\"";
    private static final String UPDATE = "UPDATE P SET V = V + 10 WHERE ID = 1";

    /**
     * What may stand in the way of a branch, and what it says when the branch is committed and when it is rolled back.
     */
    private enum Wanted {
        ROW(UPDATE, "1", "1"),
        SHARED_ROW("SELECT * FROM P WHERE ID = 1 FOR SHARE", "0", "0"),
        LEAVING_KEY("SELECT * FROM P WHERE ID = 5 FOR KEY SHARE", "0", "0"),
        INSERTED_ROW("INSERT INTO P VALUES(3, 7, 0)", "23505", "1"),
        UNIQUE_VALUE("INSERT INTO P VALUES(7, 3, 0)", "23505", "1"),
        DELETED_ROW("MERGE INTO P KEY(ID) VALUES(5, 5, 3)", "1", "1"),
        MANY_ROWS("UPDATE P SET V = 2", "3", "4"),
        PARENT("DELETE FROM P WHERE ID = 4", "23503", "1"),
        CASCADING_PARENT("DELETE FROM P WHERE ID = 2", "1", "1"),
        CHILD_OF_LEAVING("INSERT INTO R VALUES(9, 5)", "23506", "1"),
        TABLE("LOCK TABLE P IN SHARE MODE", "0", "0"),
        DEFINITION("ALTER TABLE P ADD Z INT", "0", "0"),
        EMPTYING("TRUNCATE TABLE R", "1", "0"),
        SCHEMA("DROP ALL OBJECTS", "0", "0");

        private final String sql;
        private final String committed;
        private final String rolledBack;

        Wanted(String sql, String committed, String rolledBack) {
            this.sql = sql;
            this.committed = committed;
            this.rolledBack = rolledBack;
        }
    }

    /** What has become of the session that has prepared the branch. */
    private enum Origin {
        OPEN("PREPARED"),
        CLOSED("IN DOUBT"),
        CRASHED("IN DOUBT");

        private final String state;

        Origin(String state) {
            this.state = state;
        }
    }

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** A database with a branch in doubt, somebody who looks and somebody who waits. */
    private final class Scene implements AutoCloseable {
        private final String url = "jdbc:mortise:file:" + folder.resolve("db") + ";LOCK_TIMEOUT=600000";
        private final Connection branch = connect();
        private final Connection keeper;
        private final Actor waiter;

        Scene(Origin origin) throws SQLException {
            for (String sql : List.of(
                    "CREATE TABLE P(ID INT PRIMARY KEY, U INT UNIQUE, V INT)",
                    "CREATE TABLE C(ID INT PRIMARY KEY, P INT REFERENCES P ON DELETE CASCADE)",
                    "CREATE TABLE R(ID INT PRIMARY KEY, P INT REFERENCES P)",
                    "INSERT INTO P VALUES(1, 1, 0), (2, 2, 0), (4, 4, 0), (5, 5, 0)",
                    "SET AUTOCOMMIT OFF",
                    "UPDATE P SET V = 1 WHERE ID = 1",
                    "DELETE FROM P WHERE ID = 5",
                    "INSERT INTO P VALUES(3, 3, 0)",
                    "INSERT INTO C VALUES(1, 2)",
                    "INSERT INTO R VALUES(1, 4)",
                    "PREPARE COMMIT " + BRANCH)) {
                run(branch, sql);
            }
            if (origin == Origin.CRASHED) {
                try (Connection crash = connect()) {
                    run(crash, "SHUTDOWN IMMEDIATELY");
                } catch (SQLException closed) {
                    assertThat((Throwable) closed).hasMessageContaining("closed");
                }
                try {
                    branch.close();
                } catch (SQLException closed) {
                    assertThat((Throwable) closed).hasMessageContaining("closed");
                }
                keeper = connect();
            } else {
                keeper = connect();
                if (origin == Origin.CLOSED) {
                    branch.close();
                }
            }
            waiter = new Actor("waiter", connect(), Side.MORTISE);
        }

        private Connection connect() throws SQLException {
            return DriverManager.getConnection(url, "SA", "");
        }

        List<String> query(String sql) throws SQLException {
            try (Statement statement = keeper.createStatement();
                    ResultSet rows = statement.executeQuery(sql)) {
                List<String> found = new ArrayList<>();
                while (rows.next()) {
                    List<String> cells = new ArrayList<>();
                    for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                        cells.add(String.valueOf(rows.getString(i)));
                    }
                    found.add(String.join(" | ", cells));
                }
                return found;
            }
        }

        @Override
        public void close() throws Exception {
            waiter.close();
            keeper.close();
            branch.close();
        }
    }

    private static void run(Connection by, String sql) throws SQLException {
        try (Statement statement = by.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Stream<Arguments> originsAndWanted() {
        return Stream.of(Origin.values())
                .flatMap(origin -> Stream.of(Wanted.values()).map(wanted -> Arguments.of(origin, wanted)));
    }

    @ParameterizedTest
    @MethodSource("originsAndWanted")
    void whoWaitsIsShownAndIsEndedAndGoesOnWithTheBranch(Origin origin, Wanted wanted) throws Exception {
        for (boolean isCommitted : new boolean[] {true, false}) {
            try (Scene scene = new Scene(origin)) {
                Actor waiter = scene.waiter;
                Attempt ended = waiter.waits(wanted.sql);
                assertThat(scene.query("SELECT SESSION, SQL_TEXT, EDGE_KIND, BLOCKING_STATE, BLOCKING_BRANCH FROM"
                                + " SYS.LOCK_WAITS"))
                        .containsExactly(
                                waiter.id() + " | " + wanted.sql + " | HOLDS | " + origin.state + " | " + BRANCH);
                assertThat(scene.query("SELECT SESSION FROM SYS.LOCKS WHERE STATUS = 'PENDING'"))
                        .containsExactly(String.valueOf(waiter.id()));
                assertThat(scene.query("SELECT STATE FROM SYS.SESSIONS WHERE SESSION = " + waiter.id()))
                        .containsExactly("LOCK WAIT");
                assertThat(scene.query("SELECT TREE FROM SYS.BLOCKING_TREE"))
                        .first()
                        .asString()
                        .matches(
                                origin == Origin.OPEN
                                        ? "session \\d+ SA, prepared, blocks 1: PREPARE COMMIT " + BRANCH
                                        : "branch " + BRANCH + ", in doubt, blocks 1");
                run(scene.keeper, "KILL SESSION " + waiter.id() + " CANCEL");
                assertThat(ended.code()).isEqualTo("57014 57014");
                waiter.rollsBack();

                Attempt wakes = waiter.waits(wanted.sql);
                run(scene.keeper, (isCommitted ? "COMMIT" : "ROLLBACK") + " TRANSACTION " + BRANCH);

                assertThat(answer(wakes)).isEqualTo(isCommitted ? wanted.committed : wanted.rolledBack);
                waiter.commits();
                assertThat(scene.query("SELECT * FROM SYS.LOCKS")).isEmpty();
                assertThat(scene.query("SELECT * FROM INFORMATION_SCHEMA.IN_DOUBT"))
                        .isEmpty();
                if (origin == Origin.OPEN) {
                    run(scene.branch, "CREATE TABLE AFTER(ID INT)");
                    run(scene.branch, "INSERT INTO AFTER VALUES(1)");
                    scene.branch.commit();
                }
                run(scene.keeper, "DROP ALL OBJECTS DELETE FILES");
            }
        }
    }

    private static String answer(Attempt attempt) throws Exception {
        try {
            return String.valueOf(attempt.result());
        } catch (SQLException e) {
            return String.valueOf(e.getErrorCode());
        }
    }

    /** What ends the wait of a session. */
    private interface Way {
        void end(Scene scene, Statement waiting) throws Exception;
    }

    private enum Ending {
        CANCEL("57014 57014", (scene, waiting) -> waiting.cancel()),
        LOCK_TIMEOUT("HYT00 50200", (scene, waiting) -> {}),
        QUERY_TIMEOUT("57014 57014", (scene, waiting) -> {}),
        INTERRUPT("57014 57014", (scene, waiting) -> scene.waiter.thread().interrupt()),
        KILL_ROLLBACK(
                "57014 57014",
                (scene, waiting) -> run(scene.keeper, "KILL SESSION " + scene.waiter.id() + " ROLLBACK")),
        KILL("08006 90067", (scene, waiting) -> run(scene.keeper, "KILL SESSION " + scene.waiter.id())),
        ABORT(
                "08006 90067",
                (scene, waiting) ->
                        run(scene.keeper, "UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = " + scene.waiter.id())),
        SHUTDOWN("08003 90098", (scene, waiting) -> run(scene.keeper, "SHUTDOWN")),
        CLOSE("57014 57014", (scene, waiting) -> scene.waiter.connection().close());

        private final String code;
        private final Way way;

        Ending(String code, Way way) {
            this.code = code;
            this.way = way;
        }
    }

    private static Stream<Arguments> originsAndEndings() {
        return Stream.of(Origin.values())
                .flatMap(origin -> Stream.of(Ending.values()).map(ending -> Arguments.of(origin, ending)));
    }

    @ParameterizedTest
    @MethodSource("originsAndEndings")
    void whateverEndsAWaitEndsThisOne(Origin origin, Ending ending) throws Exception {
        try (Scene scene = new Scene(origin)) {
            Statement waiting = scene.waiter.connection().createStatement();
            scene.waiter.runs("SET LOCK_TIMEOUT " + (ending == Ending.LOCK_TIMEOUT ? 200 : 600_000));
            scene.waiter.runs("SET QUERY_TIMEOUT " + (ending == Ending.QUERY_TIMEOUT ? 200 : 0));
            Attempt attempt = scene.waiter.waits(waiting, UPDATE);

            ending.way.end(scene, waiting);

            assertThat(attempt.code()).isEqualTo(ending.code);
            assertThat(scene.waiter.wasInterrupted()).isEqualTo(ending == Ending.INTERRUPT);
        } catch (SQLException closed) {
            assertThat(ending).isEqualTo(Ending.SHUTDOWN);
        }
        try (Connection later = DriverManager.getConnection("jdbc:h2:file:" + folder.resolve("db"), "SA", "")) {
            run(later, "COMMIT TRANSACTION " + BRANCH);
            try (Statement statement = later.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT SUM(V), COUNT(*) FROM P")) {
                rows.next();
                assertThat(rows.getInt(1) + " " + rows.getInt(2)).isEqualTo("1 4");
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Origin.class,
            names = {"CLOSED", "CRASHED"})
    void anAdministratorSeesWhatItHolds(Origin origin) throws Exception {
        try (Scene scene = new Scene(origin)) {
            assertThat(scene.query(
                            "SELECT DISTINCT TARGET_KIND, TABLE_NAME, ROW_KEY, MODE FROM SYS.LOCKS WHERE SESSION <> "
                                    + scene.waiter.id()
                                    + " AND (TARGET_KIND = 'ROW' OR TARGET_KIND = 'TABLE') ORDER BY 1, 2, 3"))
                    .containsExactly(
                            "ROW | C | ID=1 | X",
                            "ROW | P | ID=1 | X",
                            "ROW | P | ID=3 | X",
                            "ROW | P | ID=5 | X",
                            "ROW | R | ID=1 | X",
                            "TABLE | C | null | IX",
                            "TABLE | P | null | IX",
                            "TABLE | R | null | IX");
            run(scene.keeper, "CALL RELEASE_DEFUNCT_LOCKS()");

            assertThat(scene.query("SELECT COUNT(*) FROM SYS.LOCKS WHERE TARGET_KIND = 'TABLE'"))
                    .containsExactly("3");
        }
    }
}
