package io.mortise.postgres;

import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every order of statements that meet comes out by this driver as by pgjdbc alone; each wait is seen in SYS.LOCK_WAITS.
 */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class PermutationTest {
    /** What meets. */
    enum Meeting {
        ROW(Map.of(
                "a", List.of("UPDATE MET SET V = V + 1 WHERE ID = 1", "COMMIT"),
                "b", List.of("UPDATE MET SET V = V * 3 WHERE ID = 1", "ROLLBACK"))),
        TABLE(Map.of(
                "a", List.of("LOCK TABLE MET IN SHARE MODE", "COMMIT"),
                "b", List.of("UPDATE MET SET V = 7 WHERE ID = 2", "COMMIT"))),
        FOREIGN_KEY(Map.of(
                "a", List.of("DELETE FROM MET WHERE ID = 3", "COMMIT"),
                "b", List.of("INSERT INTO MET_CHILD VALUES (3)", "COMMIT"))),
        UNIQUE_KEY(Map.of(
                "a", List.of("INSERT INTO MET VALUES (9, 1)", "ROLLBACK"),
                "b", List.of("INSERT INTO MET VALUES (9, 2)", "COMMIT"))),
        QUEUE(Map.of(
                "a", List.of("SELECT * FROM MET WHERE ID = 1 FOR SHARE", "COMMIT"),
                "b", List.of("UPDATE MET SET V = V + 1 WHERE ID = 1", "COMMIT"),
                "c", List.of("SELECT * FROM MET WHERE ID = 1 FOR UPDATE", "COMMIT"))),
        DEADLOCK(Map.of(
                "a",
                        List.of(
                                "UPDATE MET SET V = V + 1 WHERE ID = 1",
                                "UPDATE MET SET V = V + 1 WHERE ID = 2",
                                "COMMIT"),
                "b",
                        List.of(
                                "UPDATE MET SET V = V + 1 WHERE ID = 2",
                                "UPDATE MET SET V = V + 1 WHERE ID = 1",
                                "COMMIT"))),
        TIMEOUT(Map.of(
                "a", List.of("UPDATE MET SET V = 5 WHERE ID = 1", "COMMIT"),
                "b",
                        List.of(
                                "SET LOCAL lock_timeout = 150",
                                "UPDATE MET SET V = V + 1 WHERE ID = 1 -- limited",
                                "COMMIT")));

        private final Map<String, List<String>> scripts;

        Meeting(Map<String, List<String>> scripts) {
            this.scripts = new LinkedHashMap<>();
            scripts.keySet().stream().sorted().forEach(name -> this.scripts.put(name, scripts.get(name)));
        }

        List<List<String>> orders() {
            List<List<String>> orders = new ArrayList<>();
            extend(List.of(), orders);
            return this == QUEUE
                    ? orders.stream().filter(order -> order.get(0).equals("a")).toList()
                    : orders;
        }

        private void extend(List<String> begun, List<List<String>> orders) {
            boolean isComplete = true;
            for (String name : scripts.keySet()) {
                long used = begun.stream().filter(name::equals).count();
                if (used < scripts.get(name).size()) {
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

    @ParameterizedTest
    @EnumSource
    void everyOrderComesOutAsByPgjdbcAlone(Meeting meeting) throws Exception {
        for (List<String> order : meeting.orders()) {
            List<String> plain = played(TestServer::plain, meeting, order);
            List<String> ours = played(TestServer::connect, meeting, order);
            assertThat(ours).as(String.join(" ", order)).isEqualTo(plain);
        }
    }

    private static List<String> played(Permutation.Driver driver, Meeting meeting, List<String> order)
            throws Exception {
        try (Connection setUp = TestServer.plain()) {
            run(setUp, "DROP TABLE IF EXISTS MET, MET_CHILD");
            run(setUp, "CREATE TABLE MET (ID INT PRIMARY KEY, V INT)");
            run(setUp, "CREATE TABLE MET_CHILD (ID INT REFERENCES MET)");
            run(setUp, "INSERT INTO MET VALUES (1, 0), (2, 0), (3, 0)");
        }
        try (Permutation run = new Permutation(driver, meeting.scripts)) {
            return run.play(order, "SELECT ID || '=' || V FROM MET UNION ALL SELECT 'child' FROM MET_CHILD ORDER BY 1");
        }
    }
}
