package io.mortise.examples.pains;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.session.Session;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;

/**
 * Six things that go wrong every day, and what the driver says then: two threads on one connection, a holder that does
 * nothing, a deadlock, an exhausted pool, a forgotten commit, a mistyped setting.
 */
public final class Pains {
    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();
    private final PrintStream out;

    private Pains(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] arguments) throws Exception {
        play(System.out);
    }

    /** Tells of all six. */
    static void play(PrintStream out) throws Exception {
        Pains pains = new Pains(out);
        try (Connection keeper = pains.connect("")) {
            run(keeper, "CREATE TABLE ORDERS(ID INT PRIMARY KEY, STATE VARCHAR(10))");
            run(keeper, "INSERT INTO ORDERS VALUES (1, 'NEW'), (2, 'NEW')");
            pains.twoThreads();
            pains.idleHolder();
            pains.deadlock();
            pains.exhaustedPool();
            pains.forgottenCommit();
            pains.wrongSetting();
        }
    }

    private Connection connect(String settings) throws SQLException {
        return DriverManager.getConnection(url + settings, "sa", "");
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void title(String text) {
        out.println("== " + text);
        out.println();
    }

    private void quote(Throwable error) {
        out.println(String.valueOf(error.getMessage()).stripTrailing().indent(2));
    }

    /** A task on a thread with a name, and what it failed with. */
    private static final class Task {
        private final Thread thread;
        private volatile Throwable failure = new AssertionError("it has not failed");

        Task(String name, Action action) {
            thread = new Thread(
                    () -> {
                        try {
                            action.run();
                        } catch (SQLException | InterruptedException e) {
                            failure = e;
                        }
                    },
                    name);
            thread.start();
        }

        Throwable failure() throws InterruptedException {
            thread.join();
            return failure;
        }
    }

    private interface Action {
        void run() throws SQLException, InterruptedException;
    }

    /** Counts those who have begun to wait for a lock. */
    private static final class Waits implements LockListener {
        private final Semaphore begun = new Semaphore(0);

        @Override
        public void waitStarted(LockRow request) {
            begun.release();
        }
    }

    private void twoThreads() throws SQLException, InterruptedException {
        title("Two threads on one connection");
        try (Connection holder = connect("");
                Connection shared = connect("")) {
            Waits waits = new Waits();
            shared.unwrap(Session.class).locks().addListener(waits);
            holder.setAutoCommit(false);
            run(holder, "UPDATE ORDERS SET STATE = 'PAID' WHERE ID = 1");
            Task first = new Task("worker-1", () -> run(shared, "UPDATE ORDERS SET STATE = 'SENT' WHERE ID = 1"));
            waits.begun.acquire();
            quote(new Task("worker-2", () -> run(shared, "SELECT COUNT(*) FROM ORDERS")).failure());
            holder.rollback();
            first.thread.join();
        }
    }

    private void idleHolder() throws SQLException, InterruptedException {
        title("Somebody holds a row and does nothing");
        try (Connection holder = connect("");
                Connection waiter = connect(";LOCK_TIMEOUT=50")) {
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch over = new CountDownLatch(1);
            Task checkout = new Task("checkout-1", () -> {
                holder.setAutoCommit(false);
                run(holder, "UPDATE ORDERS SET STATE = 'PAID' WHERE ID = 1");
                held.countDown();
                over.await(); // The call of the payment service.
                holder.rollback();
            });
            held.await();
            quote(new Task("sender", () -> run(waiter, "UPDATE ORDERS SET STATE = 'SENT' WHERE ID = 1")).failure());
            over.countDown();
            checkout.thread.join();
        }
    }

    private void deadlock() throws SQLException, InterruptedException {
        title("Two transactions take rows in different order");
        try (Connection one = connect("");
                Connection two = connect("")) {
            Waits waits = new Waits();
            one.unwrap(Session.class).locks().addListener(waits);
            one.setAutoCommit(false);
            two.setAutoCommit(false);
            run(one, "UPDATE ORDERS SET STATE = 'PAID' WHERE ID = 1");
            run(two, "UPDATE ORDERS SET STATE = 'SENT' WHERE ID = 2");
            Task survivor = new Task("payer", () -> run(one, "UPDATE ORDERS SET STATE = 'PAID' WHERE ID = 2"));
            waits.begun.acquire();
            quote(new Task("sender", () -> run(two, "UPDATE ORDERS SET STATE = 'SENT' WHERE ID = 1")).failure());
            survivor.thread.join();
            one.rollback();
        }
    }

    private void exhaustedPool() throws SQLException {
        title("The pool is exhausted");
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url + ";BORROW_SITE=true");
        config.setUsername("sa");
        config.setPoolName("shop");
        config.setMaximumPoolSize(1);
        config.setConnectionTimeout(250);
        try (HikariDataSource pool = new HikariDataSource(config);
                Connection borrowed = pool.getConnection();
                Connection admin = connect("")) {
            borrowed.setAutoCommit(false);
            run(borrowed, "UPDATE ORDERS SET STATE = 'PAID' WHERE ID = 1");
            try (Connection none = pool.getConnection()) {
                throw new AssertionError("there is one connection, and it is borrowed: " + none);
            } catch (SQLException e) {
                quote(e);
            }
            out.println("  Who has the connection? SELECT STATE, LAST_SQL, BORROW_SITE FROM SYS.SESSIONS says:");
            show(admin, "SELECT STATE, LAST_SQL, BORROW_SITE FROM SYS.SESSIONS WHERE BORROW_SITE IS NOT NULL");
            borrowed.rollback();
        }
    }

    private void forgottenCommit() throws SQLException {
        title("A commit was forgotten");
        try (Connection forgetful = connect("");
                Connection admin = connect("")) {
            forgetful.setAutoCommit(false);
            run(forgetful, "UPDATE ORDERS SET STATE = 'PAID' WHERE ID = 1");
            try (Statement statement = admin.createStatement()) {
                statement.execute("SET LOCK_TIMEOUT 0");
                statement.execute("UPDATE ORDERS SET STATE = 'SENT' WHERE ID = 1");
            } catch (SQLException e) {
                quote(e);
            }
            out.println(
                    "  The same as a table: SELECT TABLE_NAME, ROW_KEY, ACQUIRED_BY FROM SYS.LOCKS WHERE ROW_KEY IS NOT NULL says:");
            show(admin, "SELECT TABLE_NAME, ROW_KEY, ACQUIRED_BY FROM SYS.LOCKS WHERE ROW_KEY IS NOT NULL");
        }
    }

    private void show(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                out.println("  " + rows.getString(1) + " | " + rows.getString(2) + " | " + rows.getString(3));
            }
        }
        out.println();
    }

    private void wrongSetting() {
        title("A setting is mistyped");
        try (Connection none = connect(";LOCK_TIMOUT=5000")) {
            throw new AssertionError("there is no such setting: " + none);
        } catch (SQLException e) {
            quote(e);
        }
    }
}
