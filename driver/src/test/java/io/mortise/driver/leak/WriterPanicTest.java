package io.mortise.driver.leak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * H2's store finds on a thread of its own, the background writer, that it cannot go on: nobody's call fails then, and
 * yet everybody hears of it.
 */
@Timeout(120)
final class WriterPanicTest {
    @TempDir
    private Path folder;

    @Test
    void waitersEndNothingIsAcknowledgedAndTheFileOpensAgain() throws Exception {
        round(); // What is made once stays.
        Balance before = Balance.now();

        for (int i = 0; i < 3; i++) {
            round();
        }

        Balance.assertNothingTakenSince(before);
    }

    private void round() throws Exception {
        Connection holder = connect(";SERVE=tcp:0");
        Connection second = connect("");
        execute(holder, "CREATE TABLE IF NOT EXISTS T(ID INT PRIMARY KEY, V INT)");
        execute(holder, "MERGE INTO T VALUES(1, 0)");
        execute(holder, "CHECKPOINT SYNC");
        int port = Integer.parseInt(text(holder, "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'")
                .replaceAll(".*:", ""));
        holder.setAutoCommit(false);
        execute(holder, "UPDATE T SET V = 1");
        CompletableFuture<Integer> waiter = CompletableFuture.supplyAsync(
                () -> code(() -> execute(second, "UPDATE T SET V = 2")), step -> new Thread(step, "waiter").start());
        while (text(holder, "SELECT COUNT(*) FROM SYS.LOCK_WAITS").equals("0")) {
            Thread.onSpinWait();
        }

        panicOnAThreadOfItsOwn(holder);

        assertThat(waiter.join()).isEqualTo(ErrorCode.DATABASE_IS_CLOSED);
        assertThat(code(holder::commit)).isNotZero();
        assertThat(code(() -> execute(holder, "SELECT COUNT(*) FROM T"))).isNotZero();
        for (Connection each : List.of(holder, second)) {
            code(each::close); // Whether that fails is another test's business.
        }
        try (Connection anew = connect("")) {
            assertThat(text(anew, "SELECT V FROM T")).isEqualTo("0");
            assertThat(text(anew, "SELECT COUNT(*) FROM SYS.SESSIONS")).isEqualTo("1");
            assertThat(catchThrowableOfType(
                            ConnectException.class, () -> new Socket(InetAddress.getLoopbackAddress(), port).close()))
                    .isNotNull();
        }
    }

    private static void panicOnAThreadOfItsOwn(Connection connection) throws Exception {
        SessionLocal session =
                (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
        MVStore store = session.getDatabase().getStore().getMvStore();
        MVStoreException panic = new MVStoreException(2, "the test's own");
        Thread writer = new Thread(
                () -> {
                    try {
                        store.panic(panic);
                    } catch (MVStoreException thrown) {
                        assertThat(thrown).isSameAs(panic);
                    }
                },
                "MVStore background writer " + store.getFileStore().getFileName());
        writer.start();
        writer.join();
    }

    private Connection connect(String settings) throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:h2:file:" + folder.resolve("db") + settings, "sa", "");
    }

    /** The error's; 0 if there was none. */
    private static int code(ThrowingCallable call) {
        try {
            call.call();
            return 0;
        } catch (SQLException e) {
            return e.getErrorCode();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }
}
