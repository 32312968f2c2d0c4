package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A session whose thread is blocked on a monitor of Java's says so, through JDBC. Public, for H2 calls it. */
@Timeout(120)
public class BlockedStateTest {
    private static final String URL = "jdbc:mortise:h2:mem:blocked-state";
    private static final Object MONITOR = new Object();
    private static final AtomicReference<Thread> CALLER = new AtomicReference<>();

    /** What the alias calls. */
    public static int enter() {
        CALLER.set(Thread.currentThread());
        synchronized (MONITOR) {
            return 1;
        }
    }

    @Test
    void whoIsBlockedOnAMonitorSaysOnWhichAndWhoHasIt() throws Exception {
        try (Connection connection = DriverManager.getConnection(URL, "sa", "");
                Connection a = DriverManager.getConnection(URL, "sa", "");
                Connection b = DriverManager.getConnection(URL, "sa", "");
                Statement look = connection.createStatement();
                Statement holder = a.createStatement();
                Statement waiter = b.createStatement()) {
            look.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            look.execute("INSERT INTO T VALUES (1, 0)");
            look.execute("CREATE ALIAS ENTER FOR '" + BlockedStateTest.class.getName() + ".enter'");
            a.setAutoCommit(false);
            holder.execute("UPDATE T SET V = 1");
            String own = row(look, "CALL SESSION_ID()");
            String id = row(holder, "CALL SESSION_ID()");
            CompletableFuture<Void> waits = running(waiter, "UPDATE T SET V = 2");
            while (!row(look, "SELECT COUNT(*) FROM SYS.LOCK_WAITS").equals("1")) {
                Thread.onSpinWait();
            }

            CompletableFuture<Void> call;
            synchronized (MONITOR) {
                call = running(holder, "CALL ENTER()");
                while (CALLER.get() == null || CALLER.get().getState() != Thread.State.BLOCKED) {
                    Thread.onSpinWait();
                }

                assertThat(row(look, "SELECT STATE || ' ' || BLOCKED_ON FROM SYS.SESSIONS WHERE SESSION = " + id))
                        .startsWith("BLOCKED monitor java.lang.Object@")
                        .endsWith(", which thread \"" + Thread.currentThread().getName() + "\" has (session " + own
                                + ")");
                assertThat(row(look, "SELECT BLOCKING_STATE FROM SYS.LOCK_WAITS"))
                        .isEqualTo("BLOCKED");
                assertThat(row(look, "SELECT STATE FROM SYS.BLOCKING_TREE WHERE SESSION = " + id))
                        .isEqualTo("BLOCKED");
            }
            call.get();
            assertThat(row(look, "SELECT STATE FROM SYS.SESSIONS WHERE SESSION = " + id + " AND BLOCKED_ON IS NULL"))
                    .isEqualTo("IDLE IN TRANSACTION");
            a.rollback();
            waits.get();
        }
    }

    private static CompletableFuture<Void> running(Statement statement, String sql) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        statement.execute(sql);
                    } catch (SQLException e) {
                        throw new AssertionError(sql, e);
                    }
                },
                task -> new Thread(task, "blocked-state").start());
    }

    private static String row(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            assertThat(result.next()).as(sql).isTrue();
            return result.getString(1);
        }
    }
}
