package io.mortise.driver;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.mortise.engine.session.Session;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A database with five rows, and a statement that stays in flight on another thread until the test lets it go. */
abstract class SingleFlight {
    final String database = "jdbc:mortise:mem:" + UUID.randomUUID();
    private final String brakeName = UUID.randomUUID().toString();
    final Brake brake = Brake.named(brakeName);
    final Background worker = new Background("worker-3");

    @SuppressWarnings("NullAway.Init")
    Connection keeper;

    @BeforeEach
    void open() throws Exception {
        keeper = connect("");
        execute(keeper, "CREATE ALIAS BRAKE FOR \"io.mortise.driver.Brake.hold\"");
        execute(keeper, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        execute(keeper, "INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 5)");
    }

    @AfterEach
    void close() throws Exception {
        brake.letGo();
        worker.close();
        keeper.close();
    }

    Connection connect(String settings) throws SQLException {
        return DriverManager.getConnection(database + settings);
    }

    static boolean execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return true;
        }
    }

    /** Returns once it is in flight. */
    @CanIgnoreReturnValue
    Future<Integer> startBraked(Connection connection) throws InterruptedException {
        Future<Integer> first = worker.starts(() -> {
            try (Statement statement = connection.createStatement();
                    ResultSet result = statement.executeQuery(braked())) {
                result.next();
                return result.getInt(1);
            }
        });
        brake.awaitReached();
        return first;
    }

    String braked() {
        return "SELECT BRAKE('" + brakeName + "')";
    }

    /** It could run for ever once it has been let go, so that only ending it ends it. Returns once it is in flight. */
    Future<Integer> startBrakedUpdate(Statement statement) throws InterruptedException {
        Future<Integer> first = worker.starts(() -> statement.executeUpdate("UPDATE T SET V = V + 1 WHERE BRAKE('"
                + brakeName + "') = (SELECT COUNT(*) FROM SYSTEM_RANGE(1, 1000000000) S WHERE S.X > T.V)"));
        brake.awaitReached();
        return first;
    }

    /** Returns when a statement waits for this session. An interrupt, as a test's timeout is one, ends it. */
    static void awaitInLine(Session session) throws InterruptedException {
        awaitThat(() -> !session.inLine().isEmpty());
    }

    /** Returns when a statement of this session's waits for a lock. */
    static void awaitLockWait(Session session) throws InterruptedException {
        awaitThat(() -> session.locks().waiting(session.id()).isPresent());
    }

    static void awaitThat(BooleanSupplier fact) throws InterruptedException {
        while (!fact.getAsBoolean()) {
            Thread.onSpinWait();
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
        }
    }

    static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getInt(1);
        }
    }

    int sum() throws SQLException {
        return number(keeper, "SELECT SUM(V) FROM T");
    }
}
