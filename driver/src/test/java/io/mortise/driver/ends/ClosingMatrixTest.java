package io.mortise.driver.ends;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.driver.MortiseConnection;
import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.h2.api.Trigger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every way to open a database, with everything that one can hold in it, and every way to end it: afterwards no file is
 * open, and this driver and plain H2 both find all that was there.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public class ClosingMatrixTest {
    private static final String USER = "SA";

    @TempDir
    Path folder;

    /** A way to open a database: what stands before the path in the URL, and the settings behind it. */
    enum Way {
        FILE("file:", ""),
        AT_ONCE("file:", ";WRITE_DELAY=0"),
        ENCRYPTED("file:", ";CIPHER=AES"),
        COMPRESSED("file:", ";COMPRESS=TRUE"),
        DEFRAGMENTED("file:", ";DEFRAG_ALWAYS=TRUE"),
        WITHOUT_LOCKS("file:", ";LOCK_MODE=0"),
        FILE_LOCK("file:", ";FILE_LOCK=FILE"),
        AUTO_SERVER("file:", ";AUTO_SERVER=TRUE"),
        SERVING("file:", ";SERVE=tcp:0"),
        KOGNITIO("file:", ";LOCK_POLICY=kognitio"),
        SQREAM("file:", ";LOCK_POLICY=sqream"),
        MAPPED("nioMapped:", ""),
        OLD_NAME("nio:", ""),
        ASYNCHRONOUS("async:", ""),
        RETRYING("retry:", ""),
        SPLIT("split:16:", ""),
        SPLIT_OVER_OTHER("split:18:nioMapped:", ""),
        FILE_SYSTEM_IN_MEMORY("memFS:", ""),
        COMPRESSED_IN_MEMORY("memLZF:", ""),
        NIO_IN_MEMORY("nioMemFS:", "");

        final String scheme;
        private final String settings;

        Way(String scheme, String settings) {
            this.scheme = scheme;
            this.settings = settings;
        }

        String url(String prefix, String path) {
            boolean isPlain = !prefix.contains("mortise");
            String others = isPlain && (this == SERVING || this == KOGNITIO || this == SQREAM) ? "" : settings;
            return prefix + scheme + (scheme.startsWith("nioMem") ? "closing" : path) + others;
        }

        String password() {
            return this == ENCRYPTED ? "secret user" : "";
        }
    }

    /** A way to end it. */
    enum End {
        LAST_CLOSE {
            @Override
            void end(Connection last, Connection other) throws Exception {
                other.close();
                last.close();
            }
        },
        CLOSE_IN_A_TRANSACTION {
            @Override
            void end(Connection last, Connection other) throws Exception {
                for (Connection each : List.of(other, last)) {
                    each.setAutoCommit(false);
                    run(each, "INSERT INTO T(V) VALUES (666)");
                    each.close();
                }
            }
        },
        CLOSE_BY_ANOTHER_THREAD {
            @Override
            void end(Connection last, Connection other) throws Exception {
                ExecutorService thread = Executors.newSingleThreadExecutor();
                thread.submit(() -> {
                            other.close();
                            last.close();
                            return null;
                        })
                        .get();
                thread.shutdown();
            }
        },
        ABORT {
            @Override
            void end(Connection last, Connection other) throws Exception {
                other.abort(Runnable::run);
                last.abort(Runnable::run);
            }
        },
        SHUTDOWN,
        SHUTDOWN_COMPACT,
        SHUTDOWN_DEFRAG,
        /** H2 then leaves out what it would write as it closes, so that must be in the file before. */
        SHUTDOWN_IMMEDIATELY {
            @Override
            void end(Connection last, Connection other) throws Exception {
                run(last, "CHECKPOINT SYNC");
                super.end(last, other);
            }
        };

        void end(Connection last, Connection other) throws Exception {
            run(last, name().replace('_', ' '));
            // One that nobody has any more is closed on another thread, and then that thread closes the database.
            Reference.reachabilityFence(other);
        }
    }

    static Stream<Arguments> all() {
        return Stream.concat(
                Stream.of(Way.values()).map(way -> Arguments.of(way, End.LAST_CLOSE)),
                Stream.of(End.values())
                        .skip(1)
                        .flatMap(end -> Stream.of(Way.FILE, Way.ENCRYPTED, Way.SPLIT, Way.KOGNITIO)
                                .map(way -> Arguments.of(way, end))));
    }

    private static final List<String> CONTENTS = List.of(
            "CREATE USER U PASSWORD 'u'",
            "CREATE ROLE R",
            "CREATE DOMAIN EVEN AS INT CHECK (MOD(VALUE, 2) = 0)",
            "CREATE SEQUENCE S START WITH 5 INCREMENT BY 5",
            "CREATE SEQUENCE BIG CACHE 1000",
            "CREATE SEQUENCE UNCACHED NO CACHE",
            "CREATE CONSTANT SEVEN VALUE 7",
            "CREATE ALIAS ABSOLUTE FOR 'java.lang.Math.abs(int)'",
            "CREATE TABLE T(ID BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, V INT, C CLOB, B BLOB)",
            "CREATE TABLE CHILD(ID INT GENERATED ALWAYS AS IDENTITY, T BIGINT REFERENCES T, E EVEN, A INT ARRAY)",
            "CREATE INDEX BY_VALUE ON T(V)",
            "CREATE VIEW SEEN AS SELECT ID, V FROM T WHERE V > 0",
            "CREATE VIEW LOCKED AS SELECT TABLE_NAME FROM SYS.LOCKS",
            "CREATE SYNONYM TT FOR T",
            "CREATE TRIGGER DOUBLES BEFORE INSERT ON T FOR EACH ROW CALL '" + ClosingMatrixTest.class.getName()
                    + "$Doubles'",
            "COMMENT ON TABLE T IS 'has everything'",
            "GRANT SELECT ON T TO U",
            "GRANT R TO U",
            "CREATE SCHEMA OTHER",
            "CREATE TABLE OTHER.X(ID INT PRIMARY KEY, G INT GENERATED ALWAYS AS (ID * 2))",
            "INSERT INTO T(V, C, B) VALUES (1, REPEAT('long ', 100000), CAST(REPEAT('ab', 1000) AS VARBINARY))",
            "INSERT INTO T(V) SELECT X FROM SYSTEM_RANGE(1, 200)",
            "INSERT INTO CHILD(T, E, A) VALUES (1, 4, ARRAY[1, 2])",
            "INSERT INTO OTHER.X(ID) VALUES (NEXT VALUE FOR S), (NEXT VALUE FOR BIG), (100 + NEXT VALUE FOR UNCACHED)",
            "DELETE FROM T WHERE V = 20",
            "CREATE GLOBAL TEMPORARY TABLE GT(ID INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, C CLOB)",
            "INSERT INTO GT(C) VALUES (REPEAT('x', 100000))",
            "CREATE LOCAL TEMPORARY TABLE LT(ID INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, C CLOB)",
            "INSERT INTO LT(C) VALUES (REPEAT('x', 100000))");

    /** What is to be found again, and changes if something is lost. */
    private static final List<String> QUESTIONS = List.of(
            "SELECT COUNT(*), SUM(V), MAX(ID), SUM(LENGTH(C)), SUM(OCTET_LENGTH(B)) FROM T",
            "SELECT COUNT(*) FROM SEEN",
            "SELECT COUNT(*) FROM TT",
            "SELECT ID, T, E, A FROM CHILD",
            "SELECT SUM(ID), SUM(G) FROM OTHER.X",
            "SELECT ABSOLUTE(-SEVEN)",
            "SELECT STRING_AGG(SEQUENCE_NAME || BASE_VALUE, ' ' ORDER BY SEQUENCE_NAME) FROM"
                    + " INFORMATION_SCHEMA.SEQUENCES WHERE SEQUENCE_NAME IN ('S', 'BIG', 'UNCACHED')",
            "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TRIGGERS",
            "SELECT REMARKS FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = 'T'",
            "SELECT COUNT(*) FROM INFORMATION_SCHEMA.RIGHTS",
            "SELECT COUNT(*) FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME IN ('GT', 'LT')",
            "SELECT COUNT(*) FROM INFORMATION_SCHEMA.IN_DOUBT");

    private static final int SEQUENCES = 6;
    private static final int TEMPORARY = 10;

    /** Doubles what is inserted. H2 makes it by its name. */
    public static final class Doubles implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) {
            after[1] = 2 * (Integer) after[1];
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatWasThereIsThere(Way way, End end) throws Exception {
        List<String> written = new ArrayList<>();
        try (Connection connection = open(way, "jdbc:mortise:", "")) {
            assertThat(connection).isInstanceOf(MortiseConnection.class);
            for (String sql : CONTENTS) {
                run(connection, sql);
            }
            Connection other = open(way, "jdbc:mortise:", "");
            run(other, "CREATE LOCAL TEMPORARY TABLE LT(ID INT GENERATED ALWAYS AS IDENTITY)");
            written.addAll(answers(connection));
            written.set(TEMPORARY, "0 "); // They are gone with their sessions.
            end.end(connection, other);
        }

        nothingIsOpen();
        for (String prefix : List.of("jdbc:mortise:", "jdbc:h2:", "jdbc:mortise:")) {
            try (Connection connection = open(way, prefix, ";IFEXISTS=TRUE")) {
                List<String> found = answers(connection);
                if (end == End.SHUTDOWN_IMMEDIATELY) {
                    found.set(SEQUENCES, written.get(SEQUENCES)); // The numbers in the cache are skipped, as in H2.
                }
                assertThat(found).as(prefix).isEqualTo(written);
            }
            nothingIsOpen();
        }
    }

    /** A branch that is left prepared is there at the next opening, and no one else's ending takes it away. */
    @ParameterizedTest
    @EnumSource(End.class)
    void aPreparedBranchIsLeftToItsOwner(End end) throws Exception {
        Way way = Way.FILE;
        try (Connection connection = open(way, "jdbc:mortise:", "")) {
            run(connection, "CREATE TABLE T(ID BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, V INT)");
            Connection branch = open(way, "jdbc:mortise:", "");
            branch.setAutoCommit(false);
            run(branch, "INSERT INTO T(V) VALUES (1)");
            run(branch, "PREPARE COMMIT BRANCH");
            branch.close();
            end.end(connection, open(way, "jdbc:mortise:", ""));
        }
        nothingIsOpen();
        try (Connection connection = open(way, "jdbc:mortise:", "")) {
            assertThat(answer(connection, "SELECT TRANSACTION_NAME FROM INFORMATION_SCHEMA.IN_DOUBT"))
                    .isEqualTo("BRANCH ");
            run(connection, "COMMIT TRANSACTION BRANCH");
        }
        nothingIsOpen();
        try (Connection connection = open(way, "jdbc:h2:", "")) {
            assertThat(answer(connection, "SELECT V FROM T")).isEqualTo("1 ");
        }
    }

    private Connection open(Way way, String prefix, String more) throws SQLException {
        return DriverManager.getConnection(
                way.url(prefix, folder.resolve("db").toString()) + more, USER, way.password());
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> answers(Connection connection) throws SQLException {
        List<String> answers = new ArrayList<>();
        for (String question : QUESTIONS) {
            answers.add(answer(connection, question));
        }
        return answers;
    }

    private static String answer(Connection connection, String question) throws SQLException {
        StringBuilder answer = new StringBuilder();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(question)) {
            while (rows.next()) {
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    answer.append(rows.getString(i)).append(' ');
                }
            }
        }
        return answer.toString();
    }

    /** Only Linux tells which files a process has open. Elsewhere the next opening tells of the database itself. */
    private void nothingIsOpen() throws IOException {
        Path all = Path.of("/proc/self/fd");
        if (Files.isDirectory(all)) {
            try (Stream<Path> open = Files.list(all)) {
                assertThat(open.map(ClosingMatrixTest::target).filter(name -> name.startsWith(folder.toString())))
                        .as(this::trace)
                        .isEmpty();
            }
        }
        try (Stream<Path> left = Files.list(folder)) {
            assertThat(left.map(Path::getFileName).map(Path::toString))
                    .allMatch(name -> name.endsWith(".mv.db") || name.endsWith(".part") || name.endsWith(".trace.db"));
        }
    }

    /** What H2 has swallowed as it closed. */
    private String trace() {
        Path trace = folder.resolve("db.trace.db");
        try {
            return Files.exists(trace) ? Files.readString(trace) : "nothing";
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}
