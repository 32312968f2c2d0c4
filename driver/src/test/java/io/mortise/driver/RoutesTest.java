package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.h2.api.DatabaseEventListener;
import org.h2.tools.Server;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sessions that come by other routes than the driver take the same locks and stand in the same tables. */
@Timeout(120)
class RoutesTest {
    private final String name = "mem:" + UUID.randomUUID();

    @SuppressWarnings("NullAway.Init")
    private Connection ours;

    @BeforeEach
    void open() throws SQLException {
        ours = DriverManager.getConnection("jdbc:mortise:" + name, "sa", "");
        run(ours, "CREATE TABLE T(ID INT PRIMARY KEY, A INT)");
        run(ours, "INSERT INTO T VALUES(1, 0), (2, 0)");
    }

    @AfterEach
    void close() throws SQLException {
        ours.close();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static List<String> column(Connection connection, String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    @Test
    void aSessionOfH2sServerIsSeenAndSees() throws SQLException {
        Server server = Server.createTcpServer("-tcpPort", "0", "-ifExists").start();
        try (Connection served =
                DriverManager.getConnection("jdbc:h2:tcp://localhost:" + server.getPort() + "/" + name, "sa", "")) {
            served.setAutoCommit(false);
            run(served, "UPDATE T SET A = 7 WHERE ID = 1");
            String id = column(served, "SELECT SESSION_ID()").get(0);

            isSeenWith(id, "UPDATE T SET A = 7 WHERE ID = 1");
            assertThat(column(served, "SELECT ROW_KEY FROM IPE_ALLLOCKS WHERE LOCK_LEVEL = 'ROW'"))
                    .containsExactly("ID=1");
            assertThat(column(served, "SELECT STATEMENTSTATUS FROM SHOW_SERVER_STATUS()"))
                    .containsExactly("Executing");
            assertThat(column(served, "CALL LOCK_TABLE('T', 'SHARE')")).hasSize(1);
            served.rollback();
        } finally {
            server.stop();
        }
    }

    @Test
    void aPlainSessionInTheSameProcessIsSeen() throws SQLException {
        try (Connection plain = DriverManager.getConnection("jdbc:h2:" + name, "sa", "")) {
            plain.setAutoCommit(false);
            run(plain, "UPDATE T SET A = 8 WHERE ID = 2");

            isSeenWith(column(plain, "SELECT SESSION_ID()").get(0), "UPDATE T SET A = 8 WHERE ID = 2");
            plain.rollback();
        }
    }

    private void isSeenWith(String id, String sql) throws SQLException {
        assertThat(column(ours, "SELECT SQL_TEXT FROM IPE_COMMAND WHERE TNO IS NOT NULL AND SESSION = " + id))
                .contains(sql);
        assertThat(column(ours, "SELECT STATE FROM IPE_CURSESSIONS WHERE SESSION = " + id))
                .containsExactly("IDLE IN TRANSACTION");
        assertThat(column(ours, "SELECT EVENT FROM IPE_TRANSACTION WHERE SESSION = " + id))
                .containsExactly("START");
        assertThat(column(ours, "SELECT DISTINCT ACQUIRED_BY FROM SYS.LOCKS WHERE SESSION = " + id))
                .containsExactly(sql);
    }

    /** What a user has told H2 to tell; made by H2. */
    public static final class Listener implements DatabaseEventListener {
        static final Queue<String> HEARD = new ConcurrentLinkedQueue<>();

        @Override
        public void setProgress(int state, String text, long done, long all) {
            if (state == STATE_STATEMENT_START) {
                HEARD.add(text);
            }
        }
    }

    @Test
    void aUsersOwnListenerHearsAndTheJournalGoesOn() throws SQLException {
        run(ours, "SET DATABASE_EVENT_LISTENER '" + Listener.class.getName() + "'");
        run(ours, "UPDATE T SET A = 41");
        assertThat(Listener.HEARD).contains("UPDATE T SET A = 41");

        run(ours, "SET DATABASE_EVENT_LISTENER ''");
        run(ours, "UPDATE T SET A = 42");
        assertThat(Listener.HEARD).doesNotContain("UPDATE T SET A = 42");
        assertThat(column(ours, "SELECT SQL_TEXT FROM IPE_COMMAND ORDER BY SEQ"))
                .contains("UPDATE T SET A = 41", "UPDATE T SET A = 42");
    }
}
