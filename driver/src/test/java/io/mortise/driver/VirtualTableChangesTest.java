package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.mortise.engine.error.EngineError;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import org.h2.api.Trigger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the engine shows cannot be changed, but for the column ABORT; and nobody is told that it was. */
@Timeout(60)
class VirtualTableChangesTest {
    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();
    private Connection connection;
    private Statement statement;

    /** A trigger that does nothing. */
    public static final class Quiet implements Trigger {
        @Override
        public void fire(Connection inside, Object[] before, Object[] after) {
            // It is never made.
        }
    }

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection(url);
        statement = connection.createStatement();
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
    }

    private void isRefused(String sql, String message) {
        assertThatThrownBy(() -> statement.execute(sql))
                .asInstanceOf(type(SQLException.class))
                .satisfies(error -> {
                    assertThat(error.getSQLState()).isEqualTo(EngineError.NOT_SUPPORTED.sqlState());
                    assertThat(error.getErrorCode()).isEqualTo(EngineError.NOT_SUPPORTED.vendorCode());
                    assertThat(error.getMessage()).startsWith(message);
                });
    }

    /** None of these selects a row, and one that changed nothing would be answered with 0 otherwise. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM SYS.LOCKS",
                "DELETE FROM SYS.LOCKS WHERE 1 = 0",
                "INSERT INTO SYS.LOCKS(SESSION) VALUES (1)",
                "INSERT INTO SYS.LOCKS(SESSION) SELECT 1 FROM DUAL WHERE 1 = 0",
                "UPDATE SYS.LOCKS SET SESSION = 1",
                "MERGE INTO SYS.LOCKS(SESSION) KEY(SESSION) SELECT 1 FROM DUAL WHERE 1 = 0",
                "MERGE INTO SYS.LOCKS L USING (SELECT 1 X) S ON L.SESSION = S.X WHEN MATCHED THEN DELETE",
                "SELECT * FROM OLD TABLE (UPDATE SYS.LOCKS SET SESSION = 1)",
                "TRUNCATE TABLE SYS.LOCKS",
                "COMMENT ON TABLE SYS.LOCKS IS 'mine'"
            })
    void aChangeIsRefusedWhateverItSelects(String sql) {
        isRefused(sql, "SYS.LOCKS cannot be changed");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE SYS.SESSIONS SET USER_NAME = 'X' WHERE 1 = 0",
                "UPDATE SYS.SESSIONS SET USER_NAME = USER_NAME",
                "UPDATE SYS.SESSIONS SET ABORT = 1, USER_NAME = 'X' WHERE 1 = 0",
                "DELETE FROM SYS.SESSIONS WHERE 1 = 0",
                "MERGE INTO SYS.SESSIONS T USING (SELECT 0 X) S ON T.SESSION = S.X WHEN MATCHED THEN UPDATE SET ABORT = 1"
            })
    void ofATableWithASettableColumnEverythingElseIsRefused(String sql) {
        isRefused(
                sql,
                "SYS.SESSIONS cannot be changed. It shows what the engine does. Only UPDATE SYS.SESSIONS SET ABORT"
                        + " is possible.");
    }

    @Test
    void abortCanBeSet() throws SQLException {
        assertThat(statement.executeUpdate("UPDATE SYS.SESSIONS SET ABORT = 1 WHERE SESSION = -1"))
                .isZero();
        assertThat(statement.executeUpdate("UPDATE IPE_CURSESSIONS SET ABORT = 0"))
                .isOne();
    }

    /** Nothing is ended, and a misspelt value does not pass for "nobody was there". */
    @ParameterizedTest
    @ValueSource(strings = {"3", "-1", "NULL", "'x'", "1 + 2", "9999999999"})
    void abortIsNotSetToAnythingElse(String value) {
        for (String table : List.of("SYS.SESSIONS", "IPE_CURSESSIONS")) {
            for (String condition : List.of("SESSION = -1", "TRUE", "1 = 0")) {
                assertThatThrownBy(() -> statement.executeUpdate(
                                "UPDATE " + table + " SET ABORT = " + value + " WHERE " + condition))
                        .as(table + " " + condition)
                        .isInstanceOf(SQLException.class);
            }
        }
    }

    @Test
    void aParameterIsCheckedToo() throws SQLException {
        try (PreparedStatement update =
                statement.getConnection().prepareStatement("UPDATE SYS.SESSIONS SET ABORT = ? WHERE SESSION = -1")) {
            update.setInt(1, 3);
            assertThatThrownBy(update::executeUpdate).hasMessageContaining("ABORT = 3 is not a value");
            update.setInt(1, 2);
            assertThat(update.executeUpdate()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"FOR UPDATE", "FOR SHARE", "FOR UPDATE NOWAIT"})
    void itsRowsCannotBeLocked(String clause) {
        isRefused("SELECT * FROM SYS.LOCKS " + clause, "SYS.LOCKS cannot be locked.");
    }

    /**
     * Such an object would be gone, with its rows, when the database is opened again; a domain made the file
     * unreadable.
     */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE SYS.MINE(I INT)",
                "CREATE VIEW SYS.MINE AS SELECT 1",
                "CREATE DOMAIN SYS.MINE AS INT",
                "CREATE SEQUENCE SYS.MINE",
                "CREATE CONSTANT SYS.MINE VALUE 1",
                "CREATE ALIAS SYS.MINE FOR 'java.lang.Math.abs(long)'",
                "CREATE TRIGGER MINE AFTER INSERT ON SYS.LOCKS FOR EACH ROW CALL 'io.mortise.driver.VirtualTableChangesTest$Quiet'",
                "ALTER TABLE SYS.LOCKS ADD CONSTRAINT MINE CHECK (TNO > 0)",
                "ALTER TABLE SYS.LOCKS RENAME TO MINE",
                "DROP ALIAS SYS.SHOW_LOCKS"
            })
    void nothingIsMadeOrDroppedInASchemaOfTheEngine(String sql) {
        isRefused(sql, "Schema SYS cannot be changed.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ALTER TABLE SYS.LOCKS ADD COLUMN X INT",
                "ALTER TABLE SYS.LOCKS DROP COLUMN TNO",
                "ALTER TABLE SYS.LOCKS ADD PRIMARY KEY (SESSION)",
                "CREATE INDEX I ON SYS.LOCKS(TNO)",
                "COMMENT ON COLUMN SYS.LOCKS.TNO IS 'mine'"
            })
    void whatH2RefusesItselfIsNotSupportedEither(String sql) {
        isRefused(sql, "");
    }

    @Test
    void aResultOfItIsNotUpdatable() throws SQLException {
        try (Statement updating =
                        connection.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
                ResultSet rows = updating.executeQuery("SELECT * FROM SYS.SESSIONS")) {
            assertThat(rows.getConcurrency()).isEqualTo(ResultSet.CONCUR_READ_ONLY);
        }
    }

    @Test
    void dropAllObjectsLeavesTheEnginesFunctionsAndTablesThere() throws SQLException {
        statement.execute("CREATE TABLE T(I INT)");
        statement.execute("DROP ALL OBJECTS");

        try (ResultSet locks = statement.executeQuery("SELECT SHOW_LOCKS()")) {
            assertThat(locks.next()).isFalse();
        }
        try (ResultSet sessions = statement.executeQuery("SELECT COUNT(*) FROM SYS.SESSIONS")) {
            sessions.next();
            assertThat(sessions.getInt(1)).isOne();
        }
    }

    @Test
    void afterARefusedDefinitionPlainH2OpensTheFile(@TempDir Path folder) throws SQLException {
        String file = folder.resolve("refused").toString();
        try (Connection onFile = DriverManager.getConnection("jdbc:mortise:" + file);
                Statement refused = onFile.createStatement()) {
            assertThatThrownBy(() -> refused.execute("CREATE DOMAIN SYS.MINE AS INT"))
                    .isInstanceOf(SQLException.class);
        }
        try (Connection plain = DriverManager.getConnection("jdbc:h2:" + file)) {
            assertThat(plain.isValid(0)).isTrue();
        }
    }
}
