package io.mortise.driver.ends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Definitions at SERIALIZABLE: a migration tool whose pool has that level must get through as on plain H2. */
@Timeout(120)
final class SerializableDefinitionsTest {
    private static final List<String> COPYING = List.of(
            "ALTER TABLE T ADD COLUMN W INT DEFAULT 7",
            "ALTER TABLE T ADD COLUMN W INT AS (V + 1)",
            "ALTER TABLE T ADD COLUMN W INT GENERATED ALWAYS AS IDENTITY",
            "ALTER TABLE T ADD COLUMN W INT UNIQUE",
            "ALTER TABLE T ALTER COLUMN V BIGINT",
            "ALTER TABLE T ALTER COLUMN V SET DATA TYPE VARCHAR(20)",
            "ALTER TABLE T ADD CONSTRAINT NEW_KEY FOREIGN KEY(V) REFERENCES T(ID)",
            "ALTER TABLE T ADD CONSTRAINT NEW_UNIQUE UNIQUE(V)",
            "CREATE UNIQUE INDEX NEW_UNIQUE ON T(V)",
            "CREATE MATERIALIZED VIEW NEW_VIEW AS SELECT * FROM T",
            "CREATE LOCAL TEMPORARY TABLE NEW_TABLE AS SELECT * FROM T",
            "TRUNCATE TABLE U");

    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();

    @TestFactory
    Stream<DynamicTest> eachSucceedsBehindWhatTheTransactionHasDone() {
        return Stream.concat(RefusedDefinitionTest.DEFINITIONS.stream(), COPYING.stream())
                .map(definition -> dynamicTest(definition, () -> succeeds(definition)));
    }

    private void succeeds(String definition) throws SQLException {
        try (Connection one = RefusedDefinitionTest.open(url, "")) {
            one.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            one.setAutoCommit(false);
            RefusedDefinitionTest.execute(one, "INSERT INTO T VALUES(1, 1)");
            RefusedDefinitionTest.execute(one, "SELECT * FROM U WHERE V > 0");
            RefusedDefinitionTest.execute(one, definition);
            one.commit();

            assertThat(RefusedDefinitionTest.rows(one)).isOne();
            RefusedDefinitionTest.execute(one, "DROP ALL OBJECTS");
        }
    }

    /** Within one transaction, as migration tools run them; all that is copied is there. */
    @Test
    void oneAfterAnother() throws SQLException {
        try (Connection one = RefusedDefinitionTest.open(url, "")) {
            one.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            one.setAutoCommit(false);
            for (int i = 0; i < 3; i++) {
                RefusedDefinitionTest.execute(one, "INSERT INTO T(ID, V) VALUES(" + i + ", 1)");
                RefusedDefinitionTest.execute(one, "ALTER TABLE T ADD COLUMN W" + i + " INT DEFAULT 7");
                RefusedDefinitionTest.execute(one, "CREATE INDEX NEW_INDEX" + i + " ON T(W" + i + ")");
                assertThat(RefusedDefinitionTest.rows(one)).isEqualTo(i + 1);
            }
            one.rollback();

            assertThat(RefusedDefinitionTest.rows(one)).isEqualTo(3);
        }
    }

    /** The copy has a number and a time of its own; to who began before, it is a change of another all the same. */
    @Test
    void aSnapshotFromBeforeIsStillRefusedTheCopy() throws SQLException {
        try (Connection one = RefusedDefinitionTest.open(url, "");
                Connection old = DriverManager.getConnection(url, "sa", "")) {
            RefusedDefinitionTest.execute(one, "INSERT INTO T VALUES(1, 1)");
            old.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            old.setAutoCommit(false);
            RefusedDefinitionTest.execute(old, "SELECT * FROM U");

            one.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            RefusedDefinitionTest.execute(one, "ALTER TABLE T ADD COLUMN W INT");

            assertThatThrownBy(() -> RefusedDefinitionTest.rows(old))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("table changed by another session");
            old.rollback();
            assertThat(RefusedDefinitionTest.rows(old)).isOne();
        }
    }
}
