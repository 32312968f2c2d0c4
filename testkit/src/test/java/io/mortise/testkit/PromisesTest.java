package io.mortise.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleavings.Script;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What plain H2 breaks in some order, and this engine keeps in every one. */
@Timeout(300)
final class PromisesTest {
    @ParameterizedTest
    @ValueSource(strings = {"READ COMMITTED", "REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE"})
    void noOrderLeavesAnOrphan(String isolation) {
        Interleavings.of(
                        at(isolation, "deleter", "DELETE FROM PARENT WHERE ID = 1"),
                        at(isolation, "inserter", "INSERT INTO CHILD VALUES (1, 1)"))
                .on(
                        "CREATE TABLE PARENT(ID INT PRIMARY KEY)",
                        "CREATE TABLE CHILD(ID INT PRIMARY KEY, PARENT_ID INT REFERENCES PARENT(ID))",
                        "INSERT INTO PARENT VALUES (1)")
                .in(EngineDatabase::open)
                .forEach(run -> {
                    assertThat(Stream.of("deleter", "inserter").filter(run::finished))
                            .hasSize(1);
                    run.database()
                            .expectRows(
                                    "SELECT COUNT(*) FROM CHILD WHERE PARENT_ID NOT IN (SELECT ID FROM PARENT)", "0");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"READ COMMITTED", "REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE"})
    void inEveryOrderOneOfTwoEqualKeysGetsIn(String isolation) {
        Interleavings.of(
                        at(isolation, "a", "INSERT INTO USERS VALUES (1, 'ada')"),
                        at(isolation, "b", "INSERT INTO USERS VALUES (2, 'ada')"))
                .on("CREATE TABLE USERS(ID INT PRIMARY KEY, NAME VARCHAR(10) UNIQUE)")
                .in(EngineDatabase::open)
                .forEach(run -> {
                    assertThat(Stream.of("a", "b").filter(run::finished)).hasSize(1);
                    run.database().expectRows("SELECT NAME FROM USERS", "ada");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"SNAPSHOT", "SERIALIZABLE"})
    void noOrderLosesAnUpdate(String isolation) {
        String[] readThenWrite = {"SET @OLD = SELECT A FROM T WHERE ID = 1", "UPDATE T SET A = @OLD + 1 WHERE ID = 1"};
        Interleavings.of(at(isolation, "a", readThenWrite), at(isolation, "b", readThenWrite))
                .on("CREATE TABLE T(ID INT PRIMARY KEY, A INT)", "INSERT INTO T VALUES (1, 0)")
                .in(EngineDatabase::open)
                .forEach(run -> {
                    long done = Stream.of("a", "b").filter(run::finished).count();
                    assertThat(done).isPositive();
                    run.database().expectRows("SELECT A FROM T", Long.toString(done));
                });
    }

    @ParameterizedTest
    @ValueSource(strings = "SERIALIZABLE")
    void noOrderSkewsWrites(String isolation) {
        String goHome =
                "UPDATE DOCTORS SET ON_CALL = FALSE WHERE ID = %d AND (SELECT COUNT(*) FROM DOCTORS WHERE ON_CALL) > 1";
        Interleavings.of(at(isolation, "a", goHome.formatted(1)), at(isolation, "b", goHome.formatted(2)))
                .on(
                        "CREATE TABLE DOCTORS(ID INT PRIMARY KEY, ON_CALL BOOLEAN)",
                        "INSERT INTO DOCTORS VALUES (1, TRUE), (2, TRUE)")
                .in(EngineDatabase::open)
                .forEach(run -> {
                    assertThat(Stream.of("a", "b").filter(run::finished)).isNotEmpty();
                    run.database().expectRows("SELECT COUNT(*) FROM DOCTORS WHERE ON_CALL", "1");
                });
    }

    /** The statements in a transaction at that level. */
    private static Script at(String isolation, String session, String... statements) {
        String level = "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + isolation;
        return new Script(
                session,
                Stream.of(Stream.of(level), Stream.of(statements), Stream.of("COMMIT"))
                        .flatMap(part -> part)
                        .toList());
    }
}
