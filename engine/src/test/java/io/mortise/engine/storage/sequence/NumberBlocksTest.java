package io.mortise.engine.storage.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.result.SearchRow;
import org.h2.schema.Sequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Larger blocks of numbers than H2's, and nothing else that a user could see. */
final class NumberBlocksTest {
    private static final long SECOND = 1_000_000_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final AtomicLong nanos = new AtomicLong();

    /** A file, or memory, of plain H2 but for our map in the session. */
    private Connection open(String url) throws SQLException {
        Connection connection = DriverManager.getConnection(url);
        WrittenNumbers.into(h2(connection), nanos::get);
        return connection;
    }

    private static SessionLocal h2(Connection connection) {
        return (SessionLocal) ((JdbcConnection) connection).getSession();
    }

    private String file() {
        return "jdbc:h2:" + folder.resolve("db");
    }

    private static long next(Statement statement) throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT NEXT VALUE FOR S")) {
            row.next();
            return row.getLong(1);
        }
    }

    /** How often the catalogue was written, while so many numbers were given; each of them was taken in it. */
    private int writes(Connection connection, int numbers, long nanosEach) throws SQLException {
        SessionLocal session = h2(connection);
        Sequence sequence = session.getDatabase().getSchema("PUBLIC").getSequence("S");
        Set<String> texts = new HashSet<>();
        try (Statement statement = connection.createStatement()) {
            for (int i = 0; i < numbers; i++) {
                long given = next(statement);
                String text = row(session, sequence).getValue(3).getString();
                assertThat(!session.getDatabase().isPersistent()
                                || WrittenNumbers.Next.of(text).isBehind(given, sequence.getIncrement()))
                        .isTrue();
                texts.add(text);
                nanos.addAndGet(nanosEach);
            }
        }
        return texts.size();
    }

    private static SearchRow row(SessionLocal session, Sequence sequence) {
        return Objects.requireNonNull(
                        NewSequences.catalogue(session.getDatabase()).get((long) sequence.getId()))
                .getCommittedValue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "INCREMENT BY -7", "AS BIGINT START WITH 1000"})
    void aSequenceInAHurryIsWrittenDownSeldom(String options) throws Exception {
        try (Connection connection = open(file());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SEQUENCE S " + options);

            // 32 by H2, then 32, 64, 128, 256, 512, and 1024 at a time.
            assertThat(writes(connection, 5_000, 0)).isEqualTo(10);
        }
    }

    @Test
    void oneThatIsSeldomUsedIsWrittenDownAsOftenAsByH2() throws Exception {
        try (Connection connection = open(file());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SEQUENCE S");

            assertThat(writes(connection, 32 * 10 - 1, SECOND)).isEqualTo(10);
        }
    }

    @Test
    void aPauseMakesTheBlocksSmallAgain() throws Exception {
        try (Connection connection = open(file());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SEQUENCE S");
            writes(connection, 32 + 32 + 64 + 128 - 1, 0);
            nanos.addAndGet(SECOND);

            next(statement); // the last of a block
            assertThat(writes(connection, 31, 0)).isEqualTo(1);
            assertThat(writes(connection, 1, 0) + writes(connection, 63, 0)).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"CACHE 100", "NO CACHE", "CACHE 2"})
    void aCacheThatSomebodyHasChosenStays(String options) throws Exception {
        try (Connection connection = open(file());
                Connection plain = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement();
                Statement other = plain.createStatement()) {
            statement.execute("CREATE SEQUENCE S " + options);
            other.execute("CREATE SEQUENCE S " + options);

            assertThat(writes(connection, 300, 0)).isEqualTo(writes(plain, 300, 0));
        }
    }

    @Test
    void inMemoryNothingIsWrittenDownAgain() throws Exception {
        try (Connection connection = open("jdbc:h2:mem:");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SEQUENCE S");
            next(statement);
            assertThat(writes(connection, 10_000, 0)).isEqualTo(1);
        }
    }

    /** The same numbers, the same errors, and the same in INFORMATION_SCHEMA, as from H2 alone. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "AS TINYINT",
                "AS SMALLINT START WITH 32700",
                "MAXVALUE 63",
                "MAXVALUE 64",
                "MAXVALUE 65",
                "MAXVALUE 96 CYCLE",
                "MINVALUE 1 MAXVALUE 64 CYCLE",
                "START WITH -1 MINVALUE -70 MAXVALUE 0 INCREMENT BY -1",
                "INCREMENT BY -5 MINVALUE -320 MAXVALUE 0 START WITH 0 CYCLE",
                "INCREMENT BY 4611686018427387904",
                "INCREMENT BY 100000000000000000",
                "START WITH 9223372036854775700",
                "MINVALUE -9223372036854775808 START WITH -9223372036854775808 MAXVALUE -9223372036854775700",
                "INCREMENT BY -1 MINVALUE -9223372036854775800 START WITH -9223372036854775700"
            })
    void theNumbersAreH2s(String options) throws Exception {
        for (String url : List.of(file(), "jdbc:h2:mem:")) {
            try (Connection connection = open(url);
                    Connection plain = DriverManager.getConnection("jdbc:h2:mem:")) {
                assertThat(numbers(connection, options)).isEqualTo(numbers(plain, options));
            }
        }
    }

    private static List<String> numbers(Connection connection, String options) throws SQLException {
        List<String> numbers = new ArrayList<>();
        try (Statement statement = connection.createStatement()) {
            statement.execute("DROP SEQUENCE IF EXISTS S");
            statement.execute("CREATE SEQUENCE S " + options);
            for (int i = 0; i < 300; i++) {
                try {
                    numbers.add(Long.toString(next(statement)));
                } catch (SQLException e) {
                    numbers.add(e.getSQLState());
                }
                if (i == 150) {
                    statement.execute("ALTER SEQUENCE S RESTART");
                }
            }
            try (ResultSet row = statement.executeQuery("SELECT BASE_VALUE, CACHE FROM INFORMATION_SCHEMA.SEQUENCES")) {
                row.next();
                numbers.add(row.getString(1) + " " + row.getString(2));
            }
        }
        return numbers;
    }
}
