package io.mortise.driver.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.mortise.driver.crash.Life.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Kills a process that commits, again and again, and looks at what is left: through this driver and through plain H2.
 * The moment follows from the seed; runs again with {@code -Dseed=}, so often as {@code -Dkills=} says.
 *
 * <p>How much of the end is there is H2's doing: with WRITE_DELAY=0 a commit is on the disk when it returns, by default
 * H2 writes twice a second. That no transaction is there by half is the engine's.
 */
@Timeout(value = 3, unit = TimeUnit.HOURS)
final class KilledTest {
    private static final int WRITERS = 3;
    /**
     * The last half second may be gone, of which H2 looks every tenth whether it is time; the rest is for a busy
     * machine.
     */
    private static final long SETTLED_NANOS = TimeUnit.SECONDS.toNanos(5);

    @TempDir
    Path folder;

    private long acknowledged;
    private long gone;

    @Test
    void withWriteDelay0EveryAcknowledgedCommitIsThere() throws Exception {
        kill(";WRITE_DELAY=0", 3);
    }

    @Test
    void byDefaultOnlyTheLastCommitsAreGone() throws Exception {
        kill("", 2);
    }

    /** As in a file that is older than 45 s: H2 writes into its holes. */
    @Test
    void soItIsInAFileWithHoles() throws Exception {
        kill(";WRITE_DELAY=0;RETENTION_TIME=0", 4);
    }

    @Tag("nightly")
    @Test
    void soItIsInAFileWithHolesAllNight() throws Exception {
        kill(";WRITE_DELAY=0;RETENTION_TIME=0", 100);
    }

    @Tag("nightly")
    @Test
    void withWriteDelay0EveryAcknowledgedCommitIsThereAllNight() throws Exception {
        kill(";WRITE_DELAY=0", 200);
    }

    @Tag("nightly")
    @Test
    void byDefaultOnlyTheLastCommitsAreGoneAllNight() throws Exception {
        kill("", 100);
    }

    /**
     * The JVM closes the database on its way out, unless it is told not to: then it is as if it had been killed. So it
     * is when memory is short, for H2 gives up the database then.
     */
    @ParameterizedTest
    @CsvSource({
        "TERM, ''",
        "TERM, ;DB_CLOSE_ON_EXIT=FALSE",
        "TERM, ;WRITE_DELAY=0",
        "TERM, ;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE",
        "INT, ''",
        "INT, ;WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE"
    })
    void whoIsToldToEndEnds(End end, String settings) throws Exception {
        assumeThat(end == End.INT && isInterruptIgnored())
                .as("whoever has started this ignores SIGINT, and so will its child")
                .isFalse();
        long seed = Long.getLong("seed", 1);
        create(url("jdbc:h2:file:"));
        Life.Fate fate = new Life.Fate(WRITERS, 200 + new Random(seed).nextInt(200), seed, end);

        Life past = Life.of(url("jdbc:mortise:file:") + settings, fate, SETTLED_NANOS);

        // Not closed, so killed: a commit that was cut short is carried on by who knows how, before plain H2 looks.
        boolean isClosed = end != End.MEMORY && !settings.contains("DB_CLOSE_ON_EXIT=FALSE");
        Remains remains = Remains.read(url(isClosed ? "jdbc:h2:file:" : "jdbc:mortise:file:"));
        boolean mayLose = settings.equals(";DB_CLOSE_ON_EXIT=FALSE");
        String what = "-Dseed=%d, %s, %s".formatted(seed, fate, past);
        look(remains, mayLose ? past.settled() : past.acknowledged(), what);
        assertThat(Remains.read(url(isClosed ? "jdbc:mortise:file:" : "jdbc:h2:file:")))
                .as(what)
                .isEqualTo(remains);
        noLockIsLeft(what);
    }

    @Test
    @Tag("nightly") // On a busy machine a heap that is full takes its time.
    void whoRunsOutOfMemoryLosesNothingThatWasAcknowledged() throws Exception {
        whoIsToldToEndEnds(End.MEMORY, ";WRITE_DELAY=0");
    }

    private static boolean isInterruptIgnored() throws IOException {
        Path status = Path.of("/proc/self/status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.startsWith("SigIgn:"))
                        .anyMatch(line ->
                                (Long.parseUnsignedLong(line.substring(7).strip(), 16) & 1 << 1) != 0);
    }

    private void kill(String settings, int times) throws Exception {
        boolean isDurable = !settings.isEmpty();
        long seed = Long.getLong("seed", 1);
        int kills = Integer.getInteger("kills", times);
        Random random = new Random(seed);
        create(url("jdbc:h2:file:"));
        for (int life = 0; life < kills; life++) {
            Life.Fate fate = new Life.Fate(WRITERS, 1 + random.nextInt(isDurable ? 500 : 5000), seed + life, End.KILL);
            Life past = Life.of(url("jdbc:mortise:file:") + settings, fate, SETTLED_NANOS);
            String what = "-Dseed=%d, life %d, %s, %s".formatted(seed, life, fate, past);
            Remains remains = Remains.read(url("jdbc:mortise:file:"));
            look(remains, isDurable ? past.acknowledged() : past.settled(), what);
            assertThat(Remains.read(url("jdbc:h2:file:")))
                    .as("for plain H2, " + what)
                    .isEqualTo(remains);
            noLockIsLeft(what);
            gone += gone(past.acknowledged(), remains.totals());
            acknowledged += fate.transactions();
        }
        System.out.printf(
                "kill -9%s: seed %d, %d kills, %d acknowledged commits, %d of them gone%n",
                settings, seed, kills, acknowledged, gone);
    }

    private void look(Remains remains, Map<Integer, Long> sure, String what) {
        assertThat(remains.wrong()).as(what).isEmpty();
        sure.forEach((writer, n) -> assertThat(remains.totals().getOrDefault(writer, 0L))
                .as("writer %d: %s", writer, what)
                .isGreaterThanOrEqualTo(n));
    }

    private static long gone(Map<Integer, Long> acknowledged, Map<Integer, Long> there) {
        return acknowledged.entrySet().stream()
                .mapToLong(entry -> Math.max(0, entry.getValue() - there.getOrDefault(entry.getKey(), 0L)))
                .sum();
    }

    private String url(String prefix) {
        return prefix + folder.resolve("killed");
    }

    private static void create(String url) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS ENTRIES, TOTALS");
            statement.execute("CREATE TABLE ENTRIES(WRITER INT, N BIGINT, PART INT, PAYLOAD VARCHAR, DATA BLOB,"
                    + " NUMBER BIGINT GENERATED ALWAYS AS IDENTITY UNIQUE, PRIMARY KEY(WRITER, N, PART))");
            statement.execute("CREATE INDEX PARTS ON ENTRIES(PART)");
            statement.execute("CREATE TABLE TOTALS(WRITER INT PRIMARY KEY, N BIGINT)");
        }
    }

    /** Nobody holds anything, and every row can be had at once. */
    private void noLockIsLeft(String what) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(url("jdbc:mortise:file:") + ";LOCK_TIMEOUT=0", "sa", "");
                Statement statement = connection.createStatement()) {
            try (ResultSet locks = statement.executeQuery("SELECT * FROM SYS.LOCKS")) {
                assertThat(locks.next()).as("a lock after " + what).isFalse();
            }
            connection.setAutoCommit(false);
            statement.execute("UPDATE ENTRIES SET PAYLOAD = PAYLOAD");
            statement.execute("UPDATE TOTALS SET N = N");
            statement.execute("LOCK TABLE ENTRIES IN EXCLUSIVE MODE");
            statement.execute("INSERT INTO ENTRIES(WRITER, N, PART, NUMBER) OVERRIDING SYSTEM VALUE"
                    + " SELECT -1, X, 0, -X FROM SYSTEM_RANGE(1, 100)");
            connection.rollback();
        }
    }

    /** Some may be left out. */
    @Test
    void noNumberIsGivenTwice() throws Exception {
        create(url("jdbc:h2:file:"));
        Life.of(
                url("jdbc:mortise:file:"),
                new Life.Fate(WRITERS, 300, Long.getLong("seed", 1), End.KILL),
                SETTLED_NANOS);
        try (Connection connection = DriverManager.getConnection(url("jdbc:mortise:file:"), "sa", "");
                Statement statement = connection.createStatement()) {
            assertThat(statement.executeUpdate(
                            "INSERT INTO ENTRIES(WRITER, N, PART) SELECT -1, X, 0 FROM SYSTEM_RANGE(1, 100)"))
                    .isEqualTo(100);
        }
    }
}
