package io.mortise.engine.storage.sequence;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.schema.Sequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read out of the rows that H2 writes for its sequences. */
final class WrittenNumbersTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "CREATE SEQUENCE \"PUBLIC\".\"S\" START WITH 1 RESTART WITH 33 | 32 | 1 | true",
                "CREATE SEQUENCE \"PUBLIC\".\"S\" START WITH 1 RESTART WITH 33 | 33 | 1 | false",
                "CREATE SEQUENCE \"PUBLIC\".\"S\" START WITH 5 NO CACHE | 4 | 1 | true",
                "CREATE SEQUENCE \"PUBLIC\".\"S\" START WITH 5 | 5 | 1 | false",
                "CREATE SEQUENCE \"PUBLIC\".\"S\" START WITH -1 RESTART WITH -33 INCREMENT BY -1 | -32 | -1 | true",
                "CREATE SEQUENCE \"PUBLIC\".\"S\" START WITH -1 RESTART WITH -33 INCREMENT BY -1 | -33 | -1 | false",
                "CREATE SEQUENCE \"PUBLIC\".\"S\" START WITH 1 MAXVALUE 3 EXHAUSTED | 3 | 1 | true",
                "CREATE SEQUENCE PUBLIC.S START WITH 1 RESTART WITH 33 | 32 | 1 | true",
                "CREATE SEQUENCE \"A START WITH 9 \"\"\" START WITH 1 RESTART WITH 33 | 33 | 1 | false",
                "something else | 1 | 1 | false"
            })
    void theRowOfASequenceSaysWhichNumbersAreTaken(String sql, long given, long increment, boolean isTaken) {
        assertThat(WrittenNumbers.Next.of(sql).isBehind(given, increment)).isEqualTo(isTaken);
    }

    /** Plain H2's own text, of whatever a sequence can be. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "START WITH 7",
                "INCREMENT BY 5",
                "INCREMENT BY -3",
                "NO CACHE",
                "CACHE 100",
                "AS SMALLINT",
                "AS NUMERIC(10)",
                "MINVALUE -5 START WITH -5",
                "MAXVALUE 1000",
                "AS BIGINT RESTART WITH 17"
            })
    void whatH2HasGivenIsTakenAndWhatComesNextIsNot(String options) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SEQUENCE \"a \"\"S\" " + options);
            SessionLocal session = (SessionLocal) ((JdbcConnection) connection).getSession();
            Database database = session.getDatabase();
            Sequence sequence = database.getSchema("PUBLIC").getSequence("a \"S");
            for (int i = 0; i < 70; i++) {
                long given = sequence.getNext(session).getLong();

                WrittenNumbers.Next next = WrittenNumbers.Next.of(rows(database, sequence));

                assertThat(next.isBehind(given, sequence.getIncrement())).isTrue();
                assertThat(next.isBehind(
                                given + sequence.getCacheSize() * sequence.getIncrement(), sequence.getIncrement()))
                        .isFalse();
            }
        }
    }

    private static String rows(Database database, Sequence sequence) {
        return Objects.requireNonNull(NewSequences.catalogue(database).get((long) sequence.getId()))
                .getCommittedValue()
                .getValue(3)
                .getString();
    }

    /** A contract of H2's: it enters each number that a session gets in the map that is replaced. */
    @Test
    void h2EntersEachNumberInTheMapOfTheSession() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT GENERATED ALWAYS AS IDENTITY, V INT)");
            statement.execute("CREATE SEQUENCE S START WITH 100");
            List<Long> numbers = new ArrayList<>();
            WrittenNumbers.NUMBERS.set(
                    (SessionLocal) ((JdbcConnection) connection).getSession(),
                    new java.util.WeakHashMap<Sequence, org.h2.value.Value>() {
                        @Override
                        public org.h2.value.Value put(Sequence sequence, org.h2.value.Value number) {
                            numbers.add(number.getLong());
                            return super.put(sequence, number);
                        }
                    });

            statement.execute("INSERT INTO T(V) VALUES(1), (2)");
            try (ResultSet row = statement.executeQuery("SELECT NEXT VALUE FOR S, NEXTVAL('S'), CURRVAL('S')")) {
                row.next();
                assertThat(row.getLong(3)).isEqualTo(numbers.get(numbers.size() - 1));
            }

            assertThat(numbers).startsWith(1L, 2L, 100L);
        }
    }
}
