package io.mortise.driver.ends;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A session ends, or a transaction, while another one has locked the catalogue for good. Nothing waits for that. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public class SessionEndsTest {
    private static final String LONG = ";LOCK_TIMEOUT=3600000";

    private static final Semaphore LOCKED = new Semaphore(0);
    private static final Semaphore UNLOCKED = new Semaphore(0);

    private boolean isHeld;
    private String url = "";
    private Connection keeper;
    private Connection definer;
    private Future<?> definition = CompletableFuture.completedFuture(null);
    private final ExecutorService thread = Executors.newSingleThreadExecutor();

    @BeforeEach
    void lockTheCatalogue() throws SQLException {
        url = "jdbc:mortise:mem:ends" + System.identityHashCode(this) + LONG;
        keeper = open();
        run(keeper, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        definer = open();
        run(keeper, "CREATE ALIAS HOLD FOR '" + SessionEndsTest.class.getName() + ".hold'");
    }

    @AfterEach
    void close() throws Exception {
        unlock();
        thread.shutdown();
        definer.close();
        keeper.close();
    }

    /** Called by the definition in {@link #lock()}, which has the lock on the catalogue by then. */
    public static int hold() throws InterruptedException {
        LOCKED.release();
        UNLOCKED.acquire();
        return 1;
    }

    private void lock() throws Exception {
        LOCKED.drainPermits();
        UNLOCKED.drainPermits();
        definition = thread.submit(() -> {
            try {
                run(definer, "CREATE TABLE OTHER AS SELECT HOLD() AS ID");
            } finally {
                LOCKED.release();
            }
            return null;
        });
        LOCKED.acquire();
        isHeld = true;
        assertThat(read(keeper, "SELECT COUNT(*) FROM SYS.LOCKS WHERE TABLE_NAME = 'SYS' AND MODE = 'X'"))
                .as("the catalogue is locked")
                .isEqualTo("1");
    }

    private void unlock() throws InterruptedException {
        if (isHeld) {
            isHeld = false;
            UNLOCKED.release();
            try {
                definition.get();
            } catch (ExecutionException shutDown) {
                assertThat(shutDown).hasCauseInstanceOf(SQLException.class);
            }
        }
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection(url, "SA", "");
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String read(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE LOCAL TEMPORARY TABLE TEMP(ID INT)",
                "CREATE LOCAL TEMPORARY TABLE TEMP(ID INT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, C CLOB)",
                "CREATE LOCAL TEMPORARY TABLE TEMP(ID INT, V INT UNIQUE) NOT PERSISTENT",
                "CREATE LOCAL TEMPORARY TABLE TEMP(ID INT) ON COMMIT DROP"
            })
    void aSessionWithATemporaryTableCloses(String temporary) throws Exception {
        Connection closing = open();
        closing.setAutoCommit(false);
        run(closing, temporary);
        run(closing, "INSERT INTO T VALUES (1, 1)");
        lock();

        closing.close();

        assertThat(read(keeper, "SELECT COUNT(*) FROM INFORMATION_SCHEMA.SESSIONS"))
                .isEqualTo("2");
        assertThat(read(keeper, "SELECT COUNT(*) FROM SYS.LOCKS WHERE TABLE_NAME = 'T'"))
                .as("what it had locked is free")
                .isEqualTo("0");
        run(keeper, "INSERT INTO T VALUES (1, 2)");
    }

    @Test
    void threeHundredSessionsWithTemporaryTablesClose() throws Exception {
        Connection[] all = new Connection[100];
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < all.length; i++) {
                all[i] = open();
                all[i].setAutoCommit(false);
                run(all[i], "CREATE LOCAL TEMPORARY TABLE TEMP(ID INT)");
                run(all[i], "INSERT INTO T VALUES (" + i + ", 1)");
            }
            lock();
            for (Connection each : all) {
                each.close();
            }
            unlock();
            run(definer, "DROP TABLE OTHER");
        }
        assertThat(read(keeper, "SELECT COUNT(*) FROM T")).isEqualTo("0");
    }

    @Test
    void aCommitThatDropsATemporaryTableDoesNotWaitEither() throws Exception {
        try (Connection committing = open()) {
            committing.setAutoCommit(false);
            run(committing, "CREATE LOCAL TEMPORARY TABLE TEMP(ID INT) ON COMMIT DROP");
            run(committing, "INSERT INTO T VALUES (1, 1)");
            lock();

            committing.commit();

            assertThat(read(keeper, "SELECT COUNT(*) FROM T")).isEqualTo("1");
            assertThatThrownBy(() -> read(committing, "SELECT COUNT(*) FROM TEMP"))
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("TEMP");
        }
    }

    @Test
    void aRollBackThatDropsATemporaryTableDoesNotWaitEither() throws Exception {
        try (Connection rollingBack = open()) {
            rollingBack.setAutoCommit(false);
            run(rollingBack, "CREATE LOCAL TEMPORARY TABLE TEMP(ID INT) ON COMMIT DROP");
            run(rollingBack, "INSERT INTO T VALUES (1, 1)");
            lock();

            rollingBack.rollback();

            assertThat(read(keeper, "SELECT COUNT(*) FROM SYS.LOCKS WHERE TABLE_NAME = 'T'"))
                    .isEqualTo("0");
        }
    }

    /** After a commit that has dropped a temporary table, plain H2 goes on holding the lock on its catalogue. */
    @Test
    void theCommitLeavesTheCatalogueFree() throws SQLException {
        try (Connection committing = open()) {
            committing.setAutoCommit(false);
            run(committing, "CREATE LOCAL TEMPORARY TABLE TEMP(ID INT) ON COMMIT DROP");
            committing.commit();

            run(keeper, "CREATE TABLE NEXT(ID INT)");
        }
    }

    @Test
    void theDatabaseShutsDownWhileTheCatalogueIsLocked() throws Exception {
        Connection closing = open();
        run(closing, "CREATE LOCAL TEMPORARY TABLE TEMP(ID INT GENERATED ALWAYS AS IDENTITY)");
        lock();

        run(closing, "SHUTDOWN");

        assertThat(closing.isClosed()).isTrue();
        assertThatThrownBy(() -> read(keeper, "SELECT 1")).isInstanceOf(SQLException.class);
    }
}
