package io.mortise.postgres;

import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.Tag;
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
    @ParameterizedTest
    @EnumSource
    void everyOrderComesOutAsByPgjdbcAlone(Meeting meeting) throws Exception {
        play(meeting, meeting.orders().stream().filter(meeting::isShort).toList());
    }

    @Tag("nightly")
    @Timeout(1_200)
    @ParameterizedTest
    @EnumSource
    void everyOtherOrderDoesToo(Meeting meeting) throws Exception {
        play(
                meeting,
                meeting.orders().stream()
                        .filter(order -> !meeting.isShort(order))
                        .toList());
    }

    private static void play(Meeting meeting, List<List<String>> orders) throws Exception {
        for (List<String> order : orders) {
            List<String> plain = played(TestServer::plain, meeting, order);
            List<String> ours = played(TestServer::connect, meeting, order);
            assertThat(ours).as(String.join(" ", order)).isEqualTo(plain);
        }
    }

    private static List<String> played(Permutation.Driver driver, Meeting meeting, List<String> order)
            throws Exception {
        try (Connection setUp = TestServer.plain()) {
            run(setUp, "DROP TABLE IF EXISTS MET, MET_CHILD, PARTED");
            run(setUp, "CREATE TABLE MET (ID INT PRIMARY KEY, V INT)");
            run(setUp, "CREATE TABLE MET_CHILD (ID INT REFERENCES MET)");
            run(setUp, "INSERT INTO MET VALUES (1, 0), (2, 0), (3, 0)");
            run(setUp, "CREATE TABLE PARTED (ID INT PRIMARY KEY, V INT) PARTITION BY RANGE (ID)");
            run(setUp, "CREATE TABLE PARTED_LOW PARTITION OF PARTED FOR VALUES FROM (0) TO (10)");
            run(setUp, "CREATE TABLE PARTED_HIGH PARTITION OF PARTED FOR VALUES FROM (10) TO (20)");
            run(setUp, "INSERT INTO PARTED VALUES (1, 0)");
        }
        try (Permutation run = new Permutation(driver, meeting.scripts())) {
            return run.play(
                    order,
                    "SELECT ID || '=' || V FROM MET UNION ALL SELECT 'child' FROM MET_CHILD"
                            + " UNION ALL SELECT 'parted ' || ID || '=' || V FROM PARTED ORDER BY 1");
        }
    }
}
