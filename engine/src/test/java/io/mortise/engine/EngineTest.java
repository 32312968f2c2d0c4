package io.mortise.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.SessionAbortedException;
import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class EngineTest {
    private final List<Connection> open = new ArrayList<>();
    private final ExecutorService other = Executors.newSingleThreadExecutor();
    private String url = "";

    @BeforeEach
    void name(TestInfo test) {
        url = "jdbc:h2:mem:" + test.getTestMethod().orElseThrow().getName();
    }

    @AfterEach
    void close() throws SQLException {
        other.shutdown();
        for (Connection connection : open) {
            connection.close();
        }
    }

    private Attachment connect(Map<Setting<?>, String> settings) throws SQLException {
        Attachment attachment = Engine.connect(new ConnectRequest(url, "SA", "", Map.of(), Settings.of(settings)));
        open.add(attachment.connection());
        return attachment;
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> column(Connection connection, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            while (result.next()) {
                values.add(result.getString(1));
            }
        }
        return values;
    }

    @Test
    void anotherPolicyIsRefusedAndNoneIsInherited() throws SQLException {
        connect(Map.of(Setting.LOCK_POLICY, "kognitio"));
        connect(Map.of());

        assertThatThrownBy(() -> connect(Map.of(Setting.LOCK_POLICY, "sqream")))
                .isInstanceOf(SQLException.class)
                .hasMessageStartingWith("LOCK_POLICY=sqream, but the database is open with LOCK_POLICY=kognitio.");
    }

    @Test
    void plainConnectionsIntoTheDatabaseTakeTheSameLocks() throws SQLException {
        Connection ours = connect(Map.of()).connection();
        run(ours, "CREATE TABLE T(ID INT PRIMARY KEY)");
        run(ours, "INSERT INTO T VALUES (1)");
        ours.setAutoCommit(false);
        run(ours, "DELETE FROM T");

        try (Connection plain = DriverManager.getConnection(url, "SA", "")) {
            run(plain, "SET LOCK_TIMEOUT 0");
            assertThatThrownBy(() -> run(plain, "DELETE FROM T")).hasMessageContaining("PUBLIC.T(ID=1)");
            assertThat(column(plain, "SELECT ROW_KEY FROM IPE_ALLLOCKS WHERE LOCK_LEVEL = 'ROW'"))
                    .contains("ID=1");
        }
    }

    @Test
    void anAbortedWaiterLearnsWhoAbortedIt() throws Exception {
        Attachment holder = connect(Map.of());
        Attachment waiter = connect(Map.of());
        CountDownLatch waits = new CountDownLatch(1);
        holder.session().storage().locks().addListener(new LockListener() {
            @Override
            public void waitStarted(LockRow request) {
                waits.countDown();
            }
        });
        run(holder.connection(), "CREATE TABLE T(ID INT PRIMARY KEY)");
        run(holder.connection(), "INSERT INTO T VALUES (1)");
        holder.connection().setAutoCommit(false);
        run(holder.connection(), "DELETE FROM T");
        run(waiter.connection(), "SET LOCK_TIMEOUT 30000");
        Future<?> waiting = other.submit(() -> {
            run(waiter.connection(), "DELETE FROM T");
            return 0;
        });
        assertThat(waits.await(60, TimeUnit.SECONDS)).isTrue();

        int session = waiter.session().id();
        run(holder.connection(), "UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION = " + session);

        assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(SessionAbortedException.class)
                .hasMessageContaining("aborted by session " + holder.session().id());
        assertThat(waiter.connection().isClosed()).isTrue();
        assertThatThrownBy(() -> run(holder.connection(), "UPDATE IPE_CURSESSIONS SET ABORT = 7"))
                .hasMessageContaining("ABORT = 7 is not a value");
    }

    @Test
    void everyTableCanBeRead() throws SQLException {
        Connection connection = connect(Map.of()).connection();

        for (String table : column(
                connection,
                "SELECT TABLE_SCHEMA || '.' || TABLE_NAME FROM INFORMATION_SCHEMA.TABLES"
                        + " WHERE TABLE_SCHEMA IN ('SYS', 'SYSTEM')")) {
            column(connection, "SELECT * FROM " + table);
        }
        assertThat(column(connection, "SELECT * FROM SHOW_LOCKS()")).isEmpty();
        assertThat(column(connection, "SELECT STOP_STATEMENT(123456)")).containsExactly("executed");
    }
}
