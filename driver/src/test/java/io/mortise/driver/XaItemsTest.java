package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.File;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.Statement;
import javax.sql.XAConnection;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Distributed transactions over a crash. */
@Timeout(120)
final class XaItemsTest {
    private static final String ROW_LOCKS =
            "SELECT COUNT(*) FROM IPE_ALLLOCKS WHERE TABLE_NAME = 'T' AND STATUS = 'GRANTED' AND LOCK_TYPE = 'EX' AND LOCK_LEVEL = 'ROW'";

    @TempDir
    private Path directory;

    private String url = "";

    @BeforeEach
    void make() throws SQLException {
        url = "jdbc:mortise:h2:file:" + directory.resolve("db");
        try (Connection connection = DriverManager.getConnection(url)) {
            SingleFlight.execute(connection, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            SingleFlight.execute(connection, "INSERT INTO T VALUES (1, 0), (2, 0)");
        }
    }

    private XAConnection xa() throws SQLException {
        MortiseDataSource dataSource = new MortiseDataSource();
        dataSource.setUrl(url);
        return dataSource.getXAConnection();
    }

    /** Returns when the branch is prepared and its process is dead. */
    private void prepareAndCrash() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        PreparedBranch.class.getName(),
                        url)
                .redirectError(ProcessBuilder.Redirect.to(new File(directory.toFile(), "errors")))
                .start();
        try (BufferedReader output = process.inputReader()) {
            assertThat(output.readLine()).isEqualTo("prepared");
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    @DisplayName("63 a prepared branch survives a crash with its lock, is recovered, and can be committed")
    void aPreparedBranchSurvivesACrash() throws Exception {
        prepareAndCrash();

        XAConnection connection = xa();
        XAResource resource = connection.getXAResource();
        try (Connection other = DriverManager.getConnection(url + ";LOCK_TIMEOUT=10")) {
            Xid[] found = resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN);
            assertThat(found).hasSize(1);
            assertThat(found[0].getFormatId()).isEqualTo(7);
            assertThat(found[0].getGlobalTransactionId()).containsExactly(1, -2);
            assertThat(found[0].getBranchQualifier()).containsExactly(3);
            assertThat(SingleFlight.number(other, ROW_LOCKS)).isEqualTo(1);
            assertThatThrownBy(() -> SingleFlight.execute(other, "UPDATE T SET V = 1 WHERE ID = 1"))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("HYT00"));
            assertThat(SingleFlight.number(other, "SELECT V FROM T WHERE ID = 1"))
                    .as("not committed")
                    .isZero();

            resource.commit(found[0], false);

            assertThat(resource.recover(XAResource.TMSTARTRSCAN)).isEmpty();
            assertThat(SingleFlight.number(other, "SELECT V FROM T WHERE ID = 1"))
                    .isEqualTo(7);
            assertThat(SingleFlight.number(other, ROW_LOCKS)).isZero();
            assertThat(SingleFlight.execute(other, "UPDATE T SET V = 1 WHERE ID = 1"))
                    .isTrue();
        }
        connection.close();
    }

    @Test
    @DisplayName("63 a recovered branch can be rolled back")
    void aRecoveredBranchCanBeRolledBack() throws Exception {
        prepareAndCrash();

        XAConnection connection = xa();
        XAResource resource = connection.getXAResource();
        resource.rollback(resource.recover(XAResource.TMSTARTRSCAN)[0]);

        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).isEmpty();
        try (Connection other = DriverManager.getConnection(url)) {
            assertThat(SingleFlight.number(other, "SELECT V FROM T WHERE ID = 1"))
                    .isZero();
            assertThat(SingleFlight.execute(other, "UPDATE T SET V = 1 WHERE ID = 1"))
                    .isTrue();
        }
        connection.close();
    }

    @ParameterizedTest(name = "63 a branch whose session is closed can be ended by another: commit {0}")
    @ValueSource(booleans = {true, false})
    void aBranchOutlivesItsSession(boolean commits) throws Exception {
        try (Connection other = DriverManager.getConnection(url)) {
            XAConnection first = xa();
            PreparedBranch.prepare(first);
            first.close();

            XAConnection second = xa();
            if (commits) {
                second.getXAResource().commit(PreparedBranch.XID, false);
            } else {
                second.getXAResource().rollback(PreparedBranch.XID);
            }

            assertThat(second.getXAResource().recover(XAResource.TMSTARTRSCAN)).isEmpty();
            assertThat(SingleFlight.number(other, "SELECT V FROM T WHERE ID = 1"))
                    .isEqualTo(commits ? 7 : 0);
            assertThat(SingleFlight.number(other, ROW_LOCKS)).isZero();
            second.close();
        }
    }

    @ParameterizedTest(name = "63 what a branch without a session has changed is not thrown away: {0}")
    @ValueSource(
            strings = {
                "ALTER TABLE T ADD W INT",
                "ALTER TABLE T ALTER COLUMN V SET DATA TYPE BIGINT",
                "CREATE INDEX I ON T(V)",
                "TRUNCATE TABLE T",
                "DROP TABLE T",
                "DROP SCHEMA S CASCADE",
                "DROP ALL OBJECTS"
            })
    void noDefinitionThrowsABranchAway(String definition) throws Exception {
        try (Connection other = DriverManager.getConnection(url)) {
            SingleFlight.execute(other, "CREATE SCHEMA S");
            SingleFlight.execute(other, "ALTER TABLE T RENAME TO BEFORE");
            SingleFlight.execute(other, "CREATE TABLE S.T AS SELECT * FROM BEFORE");
            SingleFlight.execute(other, "CREATE TABLE T AS SELECT * FROM BEFORE");
            XAConnection first = xa();
            PreparedBranch.prepare(first, "UPDATE T SET V = 7 WHERE ID = 1", "UPDATE S.T SET V = 7 WHERE ID = 1");
            first.close();

            SingleFlight.execute(other, "SET LOCK_TIMEOUT 50");

            assertThatThrownBy(() -> SingleFlight.execute(other, definition))
                    .isInstanceOf(SQLTimeoutException.class)
                    .hasMessageContaining("in doubt (prepared, and no session has it)");

            XAConnection second = xa();
            second.getXAResource().commit(PreparedBranch.XID, false);
            second.close();
            assertThat(SingleFlight.number(other, "SELECT V FROM T WHERE ID = 1"))
                    .isEqualTo(7);
            assertThat(SingleFlight.number(other, "SELECT V FROM S.T WHERE ID = 1"))
                    .isEqualTo(7);
            SingleFlight.execute(other, definition);
        }
    }

    @Test
    @DisplayName("63 the lock of a prepared branch is in IPE_ALLLOCKS, with the session that prepared it")
    void theLockOfAPreparedBranchIsListed() throws Exception {
        XAConnection connection = xa();
        PreparedBranch.prepare(connection);
        try (Connection other = DriverManager.getConnection(url);
                Statement statement = other.createStatement()) {
            try (ResultSet rows = statement.executeQuery(
                    "SELECT DISTINCT SESSION FROM IPE_ALLLOCKS WHERE STATUS = 'GRANTED' AND LOCK_TYPE = 'EX' AND LOCK_LEVEL = 'ROW'")) {
                assertThat(rows.next()).isTrue();
                assertThat(rows.getInt(1)).isPositive();
                assertThat(rows.next()).isFalse();
            }
            connection.getXAResource().commit(PreparedBranch.XID, false);

            assertThat(SingleFlight.number(other, ROW_LOCKS)).isZero();
            assertThat(SingleFlight.number(other, "SELECT V FROM T WHERE ID = 1"))
                    .isEqualTo(7);
        }
        connection.close();
    }

    @ParameterizedTest(name = "63 a prepared branch survives the last close with{0}")
    @ValueSource(strings = {"", ";DEFRAG_ALWAYS=TRUE", ";MAX_COMPACT_TIME=5000", ";WRITE_DELAY=0"})
    void aPreparedBranchSurvivesTheLastClose(String settings) throws Exception {
        url += settings;
        XAConnection first = xa();
        PreparedBranch.prepare(first);
        first.close();

        XAConnection second = xa();
        try (Connection other = DriverManager.getConnection(url)) {
            assertThat(SingleFlight.number(other, "SELECT V FROM T WHERE ID = 1"))
                    .as("not committed")
                    .isZero();
            assertThat(second.getXAResource().recover(XAResource.TMSTARTRSCAN)).hasSize(1);
            second.getXAResource().rollback(PreparedBranch.XID);
            assertThat(SingleFlight.number(other, "SELECT V FROM T WHERE ID = 1"))
                    .isZero();
        }
        second.close();
    }

    @Test
    void aBranchThatIsNotThisConnectionsCanNotBePrepared() throws Exception {
        XAConnection connection = xa();

        assertThatThrownBy(() -> connection.getXAResource().prepare(PreparedBranch.XID))
                .isInstanceOfSatisfying(
                        XAException.class, e -> assertThat(e.errorCode).isEqualTo(XAException.XAER_INVAL));
        connection.close();
    }
}
