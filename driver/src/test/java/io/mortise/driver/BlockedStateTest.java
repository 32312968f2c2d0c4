package io.mortise.driver;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A session whose thread is blocked on a monitor of Java's says so, through JDBC. Public, for H2 calls it. */
@Timeout(120)
public class BlockedStateTest {
    private static final String URL = "jdbc:mortise:h2:mem:blocked-state";
    private static final Object MONITOR = new Object();
    private static final AtomicReference<Thread> CALLER = new AtomicReference<>();
    private static final AtomicReference<Socket> OTHER_END = new AtomicReference<>();

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
                Connection c = DriverManager.getConnection(URL + ";LOCK_TIMEOUT=0", "sa", "");
                Statement waiter = b.createStatement();
                Statement hasty = c.createStatement()) {
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
                assertThatThrownBy(() -> hasty.execute("UPDATE T SET V = 3"))
                        .hasMessageContaining("running CALL ENTER(), blocked on a Java monitor")
                        .hasMessageContaining("holder's thread is blocked on monitor java.lang.Object@")
                        .hasMessageContaining("does not get its Java monitor");
            }
            call.get();
            assertThat(row(look, "SELECT STATE FROM SYS.SESSIONS WHERE SESSION = " + id + " AND BLOCKED_ON IS NULL"))
                    .isEqualTo("IDLE IN TRANSACTION");
            a.rollback();
            waits.get();
        }
    }

    /** What the alias calls: reads what nobody writes, until the other end is closed. */
    public static int read() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                Socket socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
            OTHER_END.set(server.accept());
            CALLER.set(Thread.currentThread());
            return socket.getInputStream().read();
        }
    }

    @Test
    void whoReadsASocketIsInIoAndWhoIsToldToEndIsCancelledBeforeHeHasHeard() throws Exception {
        try (Connection connection = DriverManager.getConnection(URL + "-io", "sa", "");
                Connection a = DriverManager.getConnection(URL + "-io", "sa", "");
                Statement look = connection.createStatement();
                Statement reader = a.createStatement()) {
            CALLER.set(Thread.currentThread());
            look.execute("CREATE ALIAS READ FOR '" + BlockedStateTest.class.getName() + ".read'");
            String id = row(reader, "CALL SESSION_ID()");
            CompletableFuture<Void> call = running(reader, "CALL READ()");
            String state = "SELECT STATE FROM SYS.SESSIONS WHERE SESSION = " + id;
            while (!row(look, state).equals("IN IO")) {
                Thread.onSpinWait();
            }
            String told = "SELECT IS_CANCELLED FROM SYSTEM.PROCESSES WHERE SESSION = " + id;
            assertThat(row(look, told)).isEqualTo("0");

            reader.cancel();
            assertThat(row(look, told)).isEqualTo("1");
            requireNonNull(OTHER_END.get()).close();
            call.get();
        }
    }

    @Test
    void howeverManyStatementsRunTheProcessStandsStillOnceToBeLookedAt(@TempDir Path folder) throws Exception {
        int many = 8;
        List<Connection> others = new ArrayList<>();
        List<CompletableFuture<Void>> calls = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(URL + "-many", "sa", "");
                Statement look = connection.createStatement();
                Recording recording = new Recording()) {
            look.execute("CREATE ALIAS ENTER FOR '" + BlockedStateTest.class.getName() + ".enter'");
            for (int i = 0; i < many; i++) {
                others.add(DriverManager.getConnection(URL + "-many", "sa", ""));
            }
            recording.enable("jdk.ExecuteVMOperation").withoutThreshold();
            synchronized (MONITOR) {
                for (Connection other : others) {
                    calls.add(running(other.createStatement(), "CALL ENTER()"));
                }
                String blocked = "SELECT COUNT(*) FROM SYS.SESSIONS WHERE STATE = 'BLOCKED'";
                while (!row(look, blocked).equals(Integer.toString(many))) {
                    Thread.onSpinWait();
                }
                recording.start();
                assertThat(row(look, blocked)).isEqualTo(Integer.toString(many));
                recording.stop();
            }
            for (CompletableFuture<Void> call : calls) {
                call.get();
            }
            Path file = folder.resolve("recording.jfr");
            recording.dump(file);
            assertThat(RecordingFile.readAllEvents(file).stream()
                            .filter(event -> event.getEventType().getName().equals("jdk.ExecuteVMOperation"))
                            .filter(event -> event.getString("operation").equals("ThreadDump"))
                            .filter(event -> event.getThread("caller").getJavaThreadId()
                                    == Thread.currentThread().getId()))
                    .hasSize(1);
        } finally {
            for (Connection other : others) {
                other.close();
            }
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
