package io.mortise.postgres;

import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Six scenes of serializable transactions in every order of their steps, in PostgreSQL and here: in which orders
 * somebody waits, and in which somebody is refused. {@code docs/decisions/serializable-snapshots.md} has the counts.
 */
@Timeout(600)
@ExtendWith(TestServer.Stops.class)
final class SerializableBesidePostgresTest {
    private static final Set<String> WAITED = Set.of("55P03", "HYT00");

    /** @param sessions what each runs; it commits at its end */
    private record Scene(String name, List<String> made, List<String> filled, List<List<String>> sessions) {}

    private static final List<Scene> SCENES = List.of(
            new Scene(
                    "each turns the other's colour",
                    List.of("CREATE TABLE PEBBLES(ID INT PRIMARY KEY, COLOUR INT)"),
                    List.of("DELETE FROM PEBBLES", "INSERT INTO PEBBLES VALUES (1, 0), (2, 1), (3, 0), (4, 1)"),
                    List.of(
                            List.of("UPDATE PEBBLES SET COLOUR = 1 WHERE COLOUR = 0"),
                            List.of("UPDATE PEBBLES SET COLOUR = 0 WHERE COLOUR = 1"))),
            new Scene(
                    "two numbers and who looks at the second",
                    List.of("CREATE TABLE ONE_NUMBER(N INT)", "CREATE TABLE OTHER_NUMBER(N INT)"),
                    List.of(
                            "DELETE FROM ONE_NUMBER",
                            "DELETE FROM OTHER_NUMBER",
                            "INSERT INTO ONE_NUMBER VALUES (1)",
                            "INSERT INTO OTHER_NUMBER VALUES (1)"),
                    List.of(
                            List.of("UPDATE ONE_NUMBER SET N = N + 1"),
                            List.of("UPDATE OTHER_NUMBER SET N = (SELECT N FROM ONE_NUMBER) + 1"),
                            List.of("SELECT N FROM OTHER_NUMBER"))),
            new Scene(
                    "two accounts and their total",
                    List.of("CREATE TABLE PURSES(NAME VARCHAR(9) PRIMARY KEY, MONEY INT)"),
                    List.of("DELETE FROM PURSES", "INSERT INTO PURSES VALUES ('left', 600), ('right', 600)"),
                    List.of(
                            List.of(
                                    "UPDATE PURSES SET MONEY = MONEY - 200 WHERE NAME = 'left'",
                                    "SELECT SUM(MONEY) FROM PURSES"),
                            List.of(
                                    "UPDATE PURSES SET MONEY = MONEY - 200 WHERE NAME = 'right'",
                                    "SELECT SUM(MONEY) FROM PURSES"))),
            new Scene(
                    "receipts, the day's closing, and its report",
                    List.of("CREATE TABLE TODAY(D INT)", "CREATE TABLE SLIPS(NO INT PRIMARY KEY, D INT)"),
                    List.of(
                            "DELETE FROM TODAY",
                            "DELETE FROM SLIPS",
                            "INSERT INTO TODAY VALUES (22)",
                            "INSERT INTO SLIPS VALUES (1, 22), (2, 22)"),
                    List.of(
                            List.of("INSERT INTO SLIPS SELECT 3, D FROM TODAY"),
                            List.of("UPDATE TODAY SET D = 23 WHERE D = 22"),
                            List.of("SELECT D FROM TODAY", "SELECT * FROM SLIPS WHERE D = 22"))),
            new Scene(
                    "a parent without a key that others refer to",
                    List.of("CREATE TABLE MASTERS(ID INT PRIMARY KEY)", "CREATE TABLE PUPILS(MASTER INT)"),
                    List.of("DELETE FROM MASTERS", "DELETE FROM PUPILS", "INSERT INTO MASTERS VALUES (1)"),
                    List.of(
                            List.of("SELECT ID FROM MASTERS WHERE ID = 1", "INSERT INTO PUPILS VALUES (1)"),
                            List.of(
                                    "SELECT ID FROM MASTERS WHERE ID = 1",
                                    "SELECT MASTER FROM PUPILS WHERE MASTER = 1",
                                    "DELETE FROM MASTERS WHERE ID = 1"))),
            new Scene(
                    "rows that leave an index that others look in",
                    List.of("CREATE TABLE CARDS(ID INT PRIMARY KEY, SUIT INT)", "CREATE INDEX SUITS ON CARDS(SUIT)"),
                    List.of("DELETE FROM CARDS", "INSERT INTO CARDS VALUES (1, 1), (2, 1), (3, 2), (4, 2)"),
                    List.of(
                            List.of(
                                    "SELECT ID FROM CARDS WHERE SUIT = 1",
                                    "UPDATE CARDS SET SUIT = 2 WHERE SUIT = 1 AND ID = 1"),
                            List.of(
                                    "UPDATE CARDS SET SUIT = 2 WHERE SUIT = 1 AND ID = 2",
                                    "SELECT ID FROM CARDS WHERE SUIT = 1"))));

    /** In which of its orders, by number, somebody has waited, and been refused. */
    private record Result(int orders, Set<Integer> waits, Set<Integer> refuses) {}

    @Test
    void nobodyWaitsHereWhoDoesNotThereAndTheSameOrdersAreRefused() throws Exception {
        List<String> table = new ArrayList<>();
        try (Database there = new Database(this::postgres, " WITH (autovacuum_enabled = false)");
                Database here = new Database(this::mortise, "")) {
            for (Scene scene : SCENES) {
                Result postgres = there.play(scene);
                Result mortise = here.play(scene);
                table.add("| %s | %d | %d | %d | %d | %d |"
                        .formatted(
                                scene.name(),
                                mortise.orders(),
                                postgres.waits().size(),
                                mortise.waits().size(),
                                postgres.refuses().size(),
                                mortise.refuses().size()));

                assertThat(postgres.waits()).as(scene.name()).containsAll(mortise.waits());
                assertThat(mortise.refuses()).as(scene.name()).isEqualTo(postgres.refuses());
            }
        }
        System.out.println(String.join("\n", table));

        assertThat(Files.readString(Path.of("../docs/decisions/serializable-snapshots.md")))
                .contains(String.join("\n", table));
    }

    private Connection postgres() throws SQLException {
        Connection connection = TestServer.plain();
        run(connection, "SET lock_timeout = '1s'");
        return connection;
    }

    private Connection mortise() throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:mem:beside-postgres;LOCK_TIMEOUT=0", "sa", "");
    }

    private interface Connector {
        Connection connect() throws SQLException;
    }

    /** One thread moves all sessions: a step that would wait fails, at once or when its timeout is over. */
    private static final class Database implements AutoCloseable {
        private final String ofTables;
        private final Connection keeper;
        private final List<Connection> sessions = new ArrayList<>();

        /**
         * @param ofTables what stands behind CREATE TABLE: statistics that come meanwhile change which rows are looked
         *     at
         */
        Database(Connector connector, String ofTables) throws SQLException {
            this.ofTables = ofTables;
            keeper = connector.connect();
            for (int i = 0; i < 3; i++) {
                Connection session = connector.connect();
                session.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                session.setAutoCommit(false);
                sessions.add(session);
            }
        }

        Result play(Scene scene) throws SQLException {
            for (String sql : scene.made()) {
                run(keeper, sql.startsWith("CREATE TABLE") ? sql + ofTables : sql);
            }
            List<List<Integer>> orders = new ArrayList<>();
            int[] left = scene.sessions().stream()
                    .mapToInt(steps -> steps.size() + 1)
                    .toArray();
            orders(left, new ArrayList<>(), orders);
            Set<Integer> waits = new TreeSet<>();
            Set<Integer> refuses = new TreeSet<>();
            for (int i = 0; i < orders.size(); i++) {
                for (String state : play(scene, orders.get(i))) {
                    (WAITED.contains(state) ? waits : refuses).add(i);
                }
            }
            return new Result(orders.size(), waits, refuses);
        }

        private static void orders(int[] left, List<Integer> begun, List<List<Integer>> found) {
            boolean isWhole = true;
            for (int who = 0; who < left.length; who++) {
                if (left[who] > 0) {
                    isWhole = false;
                    left[who]--;
                    begun.add(who);
                    orders(left, begun, found);
                    begun.remove(begun.size() - 1);
                    left[who]++;
                }
            }
            if (isWhole) {
                found.add(List.copyOf(begun));
            }
        }

        /** The SQLStates with which sessions have failed; who has failed does nothing more. */
        private List<String> play(Scene scene, List<Integer> order) throws SQLException {
            for (String sql : scene.filled()) {
                run(keeper, sql);
            }
            int[] at = new int[scene.sessions().size()];
            List<String> failures = new ArrayList<>();
            for (int who : order) {
                if (at[who] >= 0) {
                    String state = step(scene.sessions().get(who), at[who]++, sessions.get(who));
                    if (!state.isEmpty()) {
                        failures.add(state);
                        at[who] = Integer.MIN_VALUE;
                    }
                }
            }
            return failures;
        }

        /** Empty if it went well. */
        private static String step(List<String> steps, int at, Connection session) throws SQLException {
            try {
                if (at == steps.size()) {
                    session.commit();
                } else {
                    run(session, steps.get(at));
                }
                return "";
            } catch (SQLException e) {
                session.rollback();
                assertThat(e.getSQLState()).as(String.valueOf(e.getMessage())).isIn("40001", "55P03", "HYT00");
                return e.getSQLState();
            }
        }

        @Override
        public void close() throws SQLException {
            for (Connection session : sessions) {
                session.rollback();
                session.close();
            }
            keeper.close();
        }
    }
}
