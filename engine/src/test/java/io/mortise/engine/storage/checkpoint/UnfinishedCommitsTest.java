package io.mortise.engine.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.storage.Scene;
import io.mortise.engine.storage.h2.H2Reflection;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file that was written while a commit had been marked as one, and none of its rows been made a committed one. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class UnfinishedCommitsTest {
    @TempDir
    Path folder;

    /** @param more rows that the transaction has inserted besides, with negative ids */
    private void aFileInTheMiddleOfACommit(int more) throws Exception {
        try (Connection connection = DriverManager.getConnection(url("jdbc:h2:file:", "whole"), "SA", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            statement.execute("CREATE INDEX BY_V ON T(V)");
            statement.execute("INSERT INTO T VALUES (1, 1), (2, 2)");
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO T VALUES (3, 3)");
            statement.execute("UPDATE T SET V = 20 WHERE ID = 2");
            statement.execute("DELETE FROM T WHERE ID = 1");
            SessionLocal session = (SessionLocal) ((JdbcConnection) connection).getSession();
            statement.execute("INSERT INTO T SELECT -X, -X FROM SYSTEM_RANGE(1, " + more + ")");
            mark(session);
            session.getDatabase().getStore().getMvStore().commit();
            Files.copy(folder.resolve("whole.mv.db"), folder.resolve("half.mv.db"));
            statement.execute("SHUTDOWN IMMEDIATELY");
        }
    }

    private static void mark(SessionLocal session) throws ReflectiveOperationException {
        Transaction transaction = Objects.requireNonNull(H2Reflection.transaction(session), "the open transaction");
        Method mark = TransactionStore.class.getDeclaredMethod("markUndoLogAsCommitted", int.class, long.class);
        mark.setAccessible(true);
        mark.invoke(
                session.getDatabase().getStore().getTransactionStore(),
                transaction.getId(),
                transaction.getSequenceNum());
    }

    private String url(String prefix, String name) {
        return prefix + folder.resolve(name);
    }

    private static String rows(Statement statement, String sql) throws SQLException {
        try (ResultSet result = statement.executeQuery(sql)) {
            StringBuilder rows = new StringBuilder();
            while (result.next()) {
                rows.append(result.getString(1)).append(' ');
            }
            return rows.toString().strip();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5000})
    void theEngineCarriesItOn(int more) throws Exception {
        aFileInTheMiddleOfACommit(more);
        try (Scene scene = Scene.at(url("jdbc:h2:file:", "half"))) {
            Scene.Actor actor = scene.actor();
            try (Statement statement = actor.connection.createStatement()) {
                assertThat(rows(statement, "SELECT ID || '=' || V FROM T WHERE ID > 0 ORDER BY ID"))
                        .isEqualTo("2=20 3=3");
                assertThat(rows(statement, "SELECT V FROM T WHERE V BETWEEN 0 AND 100 ORDER BY V"))
                        .isEqualTo("3 20");
                assertThat(statement.executeUpdate("UPDATE T SET V = V + 1")).isEqualTo(2 + more);
            }
            scene.endsEmpty();
        }
        try (Connection connection = DriverManager.getConnection(url("jdbc:h2:file:", "half"), "SA", "");
                Statement statement = connection.createStatement()) {
            assertThat(rows(statement, "SELECT ID || '=' || V FROM T WHERE ID > 0 ORDER BY ID"))
                    .as("plain H2, afterwards")
                    .isEqualTo("2=21 3=4");
        }
    }

    /** If this fails, H2 has been mended, and {@link UnfinishedCommits} has nothing to do any more. */
    @Test
    void plainH2LeavesItAtThat() throws Exception {
        aFileInTheMiddleOfACommit(0);
        try (Connection connection = DriverManager.getConnection(url("jdbc:h2:file:", "half"), "SA", "");
                Statement statement = connection.createStatement()) {
            assertThat(rows(statement, "SELECT ID || '=' || V FROM T WHERE ID > 0 ORDER BY ID"))
                    .isEqualTo("1=1 2=2");
        }
    }

    @Test
    void aFileThatIsOnlyReadShowsItWhole() throws Exception {
        aFileInTheMiddleOfACommit(0);
        try (Scene scene = Scene.at(url("jdbc:h2:file:", "half") + ";ACCESS_MODE_DATA=r")) {
            try (Statement statement = scene.actor().connection.createStatement()) {
                assertThat(rows(statement, "SELECT ID || '=' || V FROM T WHERE ID > 0 ORDER BY ID"))
                        .isEqualTo("2=20 3=3");
            }
        }
    }
}
