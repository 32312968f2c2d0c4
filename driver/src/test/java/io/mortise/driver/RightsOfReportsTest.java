package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.error.EngineException;
import io.mortise.engine.error.Participant;
import io.mortise.engine.error.SerializationFacts;
import io.mortise.engine.session.Session;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a user is told who waits in vain, is a deadlock's victim or is refused at SERIALIZABLE: every text of every
 * exception and of its report, the warnings, the answers of statements, and the log. What is new fails here until it
 * has a line. (The tables are in {@link RightsTableTest}.)
 */
@Timeout(240)
final class RightsOfReportsTest {
    private static final String DATABASE = "jdbc:mortise:h2:mem:rights-reports";

    /** Stands in every statement of OWNER's. */
    private static final String STATEMENT = "sql-text";

    /** Of a row that only OWNER's sessions lock, as a fact; it may also stand in a statement. */
    private static final String KEY = "(SSN='key-2')";

    private static final String SITE = ".java:";

    /**
     * What a text may show: statements (SQL) and places in the code (CODE) of one's own user only, but to
     * administrators; a key (TARGET) also to those who may read the table; all of these in a message (TEXT), which may
     * also say where the receiver's own thread stood (OWN_TEXT).
     */
    private static final String PATHS = """
            LockTimeoutException: getMessage=TEXT report.target=TARGET
            report.waiter: user lock lockedBy=SQL sql=SQL thread callSite=CODE outerSql=SQL doing
            report.queue: user lock lockedBy=SQL sql=SQL thread callSite=CODE outerSql=SQL doing
            report.blockers: user lock lockedBy=SQL sql=SQL thread callSite=CODE outerSql=SQL doing
            queue: user lock lockedBy=SQL sql=SQL thread callSite=CODE outerSql=SQL doing
            blockers: user lock lockedBy=SQL sql=SQL thread callSite=CODE outerSql=SQL doing
            DeadlockException: getMessage=OWN_TEXT report.cycle.target=TARGET
            report.cycle.party: user lock lockedBy=SQL sql=SQL thread callSite=CODE outerSql=SQL doing
            SerializationConflictException: getMessage=TEXT target=TARGET report.kind report.target=TARGET report.reason=TEXT report.hint=TEXT
            report.conflicts.reader: user target=TARGET sql=SQL outerSql=SQL thread
            report.conflicts.writer: user target=TARGET sql=SQL outerSql=SQL thread
            StatementEndedException: getMessage=TEXT
            SessionAbortedException: getMessage=TEXT
            SQLWarning: getMessage=TEXT
            """;

    /** Statements whose answer is about others, and the columns of that. */
    private static final Map<String, String> ANSWERS = Map.of(
            "KILL QUERY WHERE user = 'OWNER' TEST",
            "KILL_STATUS QUERY_ID QUERY=SQL USER",
            "EXPLAIN LOCKS INSERT INTO SECRET VALUES('key-1', 9)",
            "STEP DESCRIPTION SCHEMA_NAME TABLE_NAME LOCK_TYPE LOCK_LEVEL MODE WOULD_WAIT BLOCKING_SESSION QUEUED_BEHIND");

    private final Interleaving database = Interleaving.over(DATABASE)
            .setUp(
                    "CREATE TABLE SECRET(SSN VARCHAR PRIMARY KEY, V INT)",
                    "CREATE TABLE OPEN(ID INT PRIMARY KEY, V INT)",
                    "INSERT INTO SECRET VALUES('key-1', 0), ('key-2', 0)",
                    "INSERT INTO OPEN VALUES(1, 0), (2, 0)",
                    "GRANT SELECT, UPDATE ON OPEN TO PUBLIC",
                    "GRANT INSERT ON SECRET TO PUBLIC",
                    "CREATE USER OPS PASSWORD 'x'",
                    "CREATE USER OWNER PASSWORD 'x'",
                    "CREATE USER READER PASSWORD 'x'",
                    "CREATE USER NOBODY PASSWORD 'x'",
                    "GRANT LOCK_SYSTEM TO OPS",
                    "GRANT SELECT, UPDATE, DELETE ON SECRET TO OWNER",
                    "GRANT SELECT ON SECRET TO READER");

    private final TestSession a = database.session("a");
    private final TestSession b = database.session("b");
    private final TestSession receiver = database.session("receiver");
    private final Map<String, Set<String>> told = new TreeMap<>();

    @ParameterizedTest
    @ValueSource(strings = {"SA", "OPS", "OWNER", "READER", "NOBODY"})
    void everyTextTellsItsReceiverWhatHeMayKnowAndNoMore(String user) throws Exception {
        try (LogLines log = new LogLines();
                database) {
            for (TestSession session : List.of(a, b)) {
                session.step("CONNECT OWNER 'x'").expectFinished();
                session.step("SET AUTOCOMMIT OFF").expectFinished();
            }
            receiver.step("CONNECT " + user + (user.equals("SA") ? " ''" : " 'x'"))
                    .expectFinished();
            receiver.step("SET AUTOCOMMIT OFF").expectFinished();
            for (TestSession session : List.of(a, b, receiver)) {
                session.step("SET LOCK_TIMEOUT 3600000").expectFinished(); // A new log-in has the database's.
            }
            timeOut();
            deadlock();
            failToSerialize();
            warnings();
            answers(user);
            end();
            log.about("").forEach(line -> add("log", line));
        }

        Map<String, String> kinds = kinds();
        told.computeIfAbsent("log", none -> new TreeSet<>()); // Nothing, if it was full of the same a moment ago.
        kinds.put("log", "LOG");
        told.computeIfAbsent("cause", none -> new TreeSet<>());
        kinds.put("cause", "NOTHING");
        TreeSet<String> wrong = new TreeSet<>();
        told.forEach((path, texts) -> {
            String kind = kinds.get(path);
            Set<String> secrets = secretsIn(texts);
            if (kind == null) {
                wrong.add("no line for " + path + ": " + texts);
            } else if (!maySee(user, kind).containsAll(secrets)) {
                wrong.add(user + " is told " + secrets + " in " + path + ": " + texts);
            }
        });
        kinds.keySet().stream()
                .filter(path -> !told.containsKey(path))
                .forEach(path -> wrong.add("there is no " + path));
        assertThat(String.join("\n", wrong)).isEmpty();
        expectToBeTold(user);
    }

    /** That the scenes show anything at all. */
    private void expectToBeTold(String user) {
        boolean isOwn = user.equals("SA") || user.equals("OWNER");
        for (String path : List.of(
                "LockTimeoutException.getMessage",
                "LockTimeoutException.report.blockers.sql",
                "LockTimeoutException.report.queue.sql",
                "DeadlockException.report.cycle.party.sql",
                "SerializationConflictException.report.conflicts.reader.sql",
                "KILL QUERY WHERE user = 'OWNER' TEST.QUERY")) {
            assertThat(secretsIn(told.getOrDefault(path, Set.of())).contains(STATEMENT))
                    .as(path)
                    .isEqualTo(isOwn);
        }
        assertThat(secretsIn(told.getOrDefault("DeadlockException.report.cycle.target", Set.of()))
                        .contains(KEY))
                .isEqualTo(isOwn || user.equals("READER"));
        assertThat(told.getOrDefault("DeadlockException.report.cycle.target", Set.of())
                        .contains("PUBLIC.SECRET(hidden)"))
                .isEqualTo(!isOwn && !user.equals("READER"));
    }

    private static Set<String> maySee(String user, String kind) {
        boolean isOwn = user.equals("SA") || user.equals("OWNER");
        Set<String> keys = isOwn || isReader(user) ? Set.of(KEY) : Set.of();
        return switch (kind) {
            case "SQL" -> isOwn ? Set.of(STATEMENT, KEY) : Set.of();
            case "CODE" -> isOwn ? Set.of(SITE) : Set.of();
            case "TARGET" -> keys;
            case "TEXT" -> isOwn ? Set.of(STATEMENT, KEY, SITE) : keys;
            case "OWN_TEXT" -> isOwn ? Set.of(STATEMENT, KEY, SITE) : isReader(user) ? Set.of(KEY, SITE) : Set.of(SITE);
            case "LOG" -> Set.of(STATEMENT, SITE); // It is the application's own.
            default -> Set.of();
        };
    }

    private static boolean isReader(String user) {
        return user.equals("READER");
    }

    private static Set<String> secretsIn(Set<String> texts) {
        return Stream.of(STATEMENT, KEY, SITE)
                .filter(secret -> texts.stream().anyMatch(text -> text.contains(secret)))
                .collect(Collectors.toSet());
    }

    /** {@code a} holds, {@code b} stands in line, and the receiver waits in vain. */
    private void timeOut() throws Exception {
        delete(a, 1).expectUpdated(1);
        Step waits = b.step("INSERT INTO SECRET VALUES('key-1', 0) -- sql-text").expectWaiting();
        receiver.step("SET LOCK_TIMEOUT 1100").expectFinished(); // From a second on it is told where the holder stands.
        tell(insert(receiver, 1).expectError("HYT00"));
        receiver.step("SET LOCK_TIMEOUT 3600000").expectFinished();
        a.rollback().expectFinished();
        waits.expectError("23505");
        b.rollback().expectFinished();
        receiver.rollback().expectFinished();
    }

    /** The receiver waits for {@code a}, that for {@code b}, on a row of theirs, and that for the receiver. */
    private void deadlock() throws Exception {
        receiver.step("SET DEADLOCK_PRIORITY -10").expectFinished();
        delete(a, 1).expectUpdated(1);
        update(b, 2).expectUpdated(1);
        insert(receiver, 3).expectUpdated(1);
        Step first = update(a, 2).expectWaiting();
        Step second = insert(b, 3).expectWaiting();
        tell(insert(receiver, 1).expectError("40001"));
        second.expectUpdated(1);
        receiver.rollback().expectFinished();
        b.rollback().expectFinished();
        first.expectUpdated(1);
        a.rollback().expectFinished();
    }

    /** The receiver has not seen what {@code b} wrote, and that has not seen what {@code a} wrote. */
    private void failToSerialize() throws Exception {
        for (TestSession session : List.of(a, b, receiver)) {
            session.step("SERIALIZABLE", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE))
                    .expectFinished();
        }
        receiver.step("SELECT V FROM OPEN WHERE ID = 2").expectRows("0");
        b.step("SELECT V AS \"sql-text\" FROM SECRET WHERE SSN = 'key-2'").expectRows("0");
        update(a, 2).expectUpdated(1);
        a.commit().expectFinished();
        b.step("UPDATE OPEN \"sql-text\" SET V = 1 WHERE ID = 1").expectUpdated(1);
        b.commit().expectFinished();
        tell(receiver.step("SELECT V FROM OPEN WHERE ID = 1").expectError("40001"));
        receiver.rollback().expectFinished();
        for (TestSession session : List.of(a, b, receiver)) {
            session.step("READ COMMITTED", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED))
                    .expectFinished();
        }
    }

    /** A wait that ends well, after more than half a second: that is how long another one waits in vain. */
    private void warnings() {
        delete(a, 1).expectUpdated(1);
        Step waits = receiver.step("a wait", jdbc -> {
                    try (Statement statement = jdbc.createStatement()) {
                        statement.execute("INSERT INTO SECRET VALUES('key-1', 5)");
                        for (SQLWarning each = statement.getWarnings(); each != null; each = each.getNextWarning()) {
                            add("SQLWarning.getMessage", each.getMessage());
                        }
                    }
                })
                .expectWaiting();
        b.step("SET LOCK_TIMEOUT 600").expectFinished();
        update(b, 1).expectError("HYT00");
        b.step("SET LOCK_TIMEOUT 3600000").expectFinished();
        a.commit().expectFinished();
        waits.expectFinished();
        receiver.rollback().expectFinished();
        b.rollback().expectFinished();
        database.setUp("INSERT INTO SECRET VALUES('key-1', 0)");
    }

    private void answers(String user) throws SQLException {
        update(a, 2).expectUpdated(1);
        Step waits = update(b, 2).expectWaiting();
        try (Connection connection = DriverManager.getConnection(DATABASE, user, user.equals("SA") ? "" : "x");
                Statement statement = connection.createStatement()) {
            for (String sql : ANSWERS.keySet()) {
                try (ResultSet rows = statement.executeQuery(sql)) {
                    tell(sql, rows);
                }
            }
        }
        a.rollback().expectFinished();
        waits.expectUpdated(1);
        b.rollback().expectFinished();
    }

    private void tell(String sql, ResultSet rows) throws SQLException {
        while (rows.next()) {
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                add(sql + "." + rows.getMetaData().getColumnLabel(i).toUpperCase(Locale.ROOT), rows.getString(i));
            }
        }
    }

    /** An administrator ends the receiver's statement, and then the receiver. */
    private void end() throws Exception {
        delete(a, 1).expectUpdated(1);
        Step waits = insert(receiver, 1).expectWaiting();
        int session = receiver.connection().unwrap(Session.class).id();
        database.setUp("UPDATE SYS.SESSIONS SET ABORT = 1 WHERE SESSION = " + session);
        tell(waits.expectError("57014"));
        receiver.rollback().expectFinished();
        database.setUp("UPDATE SYS.SESSIONS SET ABORT = 2 WHERE SESSION = " + session);
        tell(receiver.step("SELECT V FROM OPEN WHERE ID = 1").expectError("08006"));
        a.rollback().expectFinished();
    }

    private static Step update(TestSession session, int key) {
        return session.step("UPDATE SECRET \"sql-text\" SET V = V + 1 WHERE SSN = 'key-" + key + "'");
    }

    private static Step delete(TestSession session, int key) {
        return session.step("DELETE FROM SECRET \"sql-text\" WHERE SSN = 'key-" + key + "'");
    }

    private static Step insert(TestSession session, int key) {
        return session.step("INSERT INTO SECRET VALUES('key-" + key + "', 5)");
    }

    private static Map<String, String> kinds() {
        Map<String, String> kinds = new TreeMap<>();
        String exception = "";
        for (String line : PATHS.lines().toList()) {
            String head = line.substring(0, line.indexOf(':'));
            boolean isException = Character.isUpperCase(head.charAt(0));
            exception = isException ? head : exception;
            String prefix = isException ? head + "." : exception + "." + head + ".";
            addKinds(kinds, prefix, line.substring(head.length() + 1));
        }
        ANSWERS.forEach((sql, columns) -> addKinds(kinds, sql + ".", columns));
        return kinds;
    }

    private static void addKinds(Map<String, String> kinds, String prefix, String words) {
        for (String word : words.strip().split(" +")) {
            String[] parts = word.split("=");
            kinds.put(prefix + parts[0], parts.length == 1 ? "PUBLIC" : parts[1]);
        }
    }

    private void tell(SQLException error) throws Exception {
        assertThat(error instanceof EngineException).as("%s", error).isTrue();
        Class<?> type = error.getClass();
        while (!type.getPackage().equals(EngineException.class.getPackage())) {
            type = type.getSuperclass();
        }
        String name = type.getSimpleName();
        add(name + ".getMessage", error.getMessage());
        for (Throwable each = error.getCause(); each != null; each = each.getCause()) {
            add("cause", each.toString());
        }
        for (Method method : type.getDeclaredMethods()) {
            if (Modifier.isPublic(method.getModifiers()) && method.getParameterCount() == 0) {
                walk(name + "." + method.getName(), method.invoke(error));
            }
        }
    }

    private void walk(String path, @Nullable Object value) throws Exception {
        if (value instanceof String text) {
            add(path, text);
        } else if (value instanceof Optional<?> optional) {
            walk(path, optional.orElse(null));
        } else if (value instanceof Iterable<?> many) {
            for (Object each : many) {
                walk(path, each);
            }
        } else if (value instanceof Record record) {
            boolean isOwn = ownParty(record);
            for (RecordComponent component : record.getClass().getRecordComponents()) {
                Object part = component.getAccessor().invoke(record);
                walk(path + "." + component.getName(), isOwn && part instanceof String ? "(own)" : part);
            }
        } else {
            assertThat(Arrays.asList(Integer.class, Long.class, Boolean.class))
                    .as(path)
                    .matches(types -> value == null || value instanceof Enum || types.contains(value.getClass()));
        }
    }

    private boolean ownParty(Record record) throws Exception {
        int own = receiver.connection().unwrap(Session.class).id();
        return record instanceof Participant party && party.session() == own
                || record instanceof SerializationFacts.Access access && access.session() == own;
    }

    private void add(String path, @Nullable String text) {
        told.computeIfAbsent(path, none -> new TreeSet<>()).add(String.valueOf(text));
    }
}
