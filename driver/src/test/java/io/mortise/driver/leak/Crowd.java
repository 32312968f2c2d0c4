package io.mortise.driver.leak;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.WaitOutcome;
import io.mortise.engine.session.Session;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A process in which many sessions wait for one row. Somebody looks, some are ended, the holder commits, and all get
 * on. Costs are counted in bytes: what a thread allocates tells what it does. Ends with an error if anything is wrong.
 */
public final class Crowd {
    private static final String URL = "jdbc:mortise:mem:crowd;LOCK_TIMEOUT=3600000";
    private static final String ADD = "UPDATE T SET V = V + 1 WHERE ID = 1";

    /** Enough for a statement; a crowd of threads has no room for more. */
    private static final int STACK_BYTES = 256 * 1024;

    private static final int BYTES_EACH = 40_000;

    private final Semaphore waiting = new Semaphore(0);
    private final Semaphore ended = new Semaphore(0);
    private final List<Member> members = new ArrayList<>();
    private final Connection looker;
    private final int many;

    /** One who waits, on a thread of its own. */
    private record Member(Connection connection, Statement statement, FutureTask<String> outcome, Thread thread) {
        static Member start(int number) throws SQLException {
            Connection connection = DriverManager.getConnection(URL, "sa", "");
            Statement statement = connection.createStatement();
            FutureTask<String> outcome = new FutureTask<>(() -> outcome(statement));
            Thread thread = new Thread(null, outcome, "member-" + number, STACK_BYTES);
            thread.setDaemon(true); // Where something is wrong, they wait for good.
            thread.start();
            return new Member(connection, statement, outcome, thread);
        }

        private static String outcome(Statement statement) {
            try {
                return Integer.toString(statement.executeUpdate(ADD));
            } catch (SQLException e) {
                return e.getSQLState();
            }
        }

        int session() throws SQLException {
            return connection.unwrap(Session.class).id();
        }
    }

    private Crowd(int many) throws SQLException {
        this.many = many;
        this.looker = DriverManager.getConnection(URL, "sa", "");
    }

    /** @param args how many */
    public static void main(String[] args) throws Exception {
        new Crowd(Integer.parseInt(args[0])).run();
    }

    private void run() throws Exception {
        execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT) AS VALUES(1, 0)");
        Connection holder = DriverManager.getConnection(URL, "sa", "");
        holder.setAutoCommit(false);
        holder.createStatement().executeUpdate(ADD);
        gather();
        look();
        int gone = endSome();

        long before = allocated();
        holder.commit();
        assertThat(allocated() - before).as("bytes of the commit").isLessThan(100L * BYTES_EACH);

        Map<String, Integer> outcomes = new TreeMap<>();
        for (Member member : members) {
            outcomes.merge(member.outcome.get(), 1, Integer::sum);
        }
        System.out.println(outcomes);
        assertThat(outcomes).containsEntry("1", many - gone);
        assertThat(number("SELECT V FROM T")).isEqualTo(1 + many - gone);
        leave(holder);
        looker.close();
    }

    private void gather() throws Exception {
        looker.unwrap(Session.class).locks().addListener(new LockListener() {
            @Override
            public void waitStarted(LockRow request) {
                waiting.release();
            }

            @Override
            public void waitEnded(LockRow request, Duration waited, WaitOutcome outcome) {
                ended.release();
            }
        });
        long before = heap();
        for (int i = 0; i < many; i++) {
            members.add(Member.start(i));
        }
        waiting.acquire(many);
        System.out.println(many + " wait: " + (heap() - before) / many + " bytes of heap each");
    }

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** Every table and function that shows something, for no more than so many bytes each. */
    private void look() throws SQLException {
        List<String> tables = strings("SELECT TABLE_SCHEMA || '.' || TABLE_NAME FROM INFORMATION_SCHEMA.TABLES"
                + " WHERE TABLE_SCHEMA IN ('SYS', 'SYSTEM') ORDER BY 1");
        Stream<String> looks = Stream.concat(
                tables.stream().map(table -> "SELECT * FROM " + table),
                Stream.of("SELECT SHOW_LOCKS()", "SELECT SHOW_CONNECTIONS()", "SELECT SHOW_SERVER_STATUS()"));
        for (String sql : looks.collect(Collectors.toList())) {
            long before = allocated();
            int rows = strings(sql).size();
            long each = (allocated() - before) / many;
            System.out.println(sql + ": " + rows + " rows, " + each + " bytes for each who waits");
            assertThat(each)
                    .as(sql)
                    .isLessThan(sql.contains("LOCK_WAITS") || sql.contains("REPORT") ? 500_000 : BYTES_EACH);
        }
        assertThat(waitingNow()).isEqualTo(many);
        assertThat(number("SELECT COUNT(*) FROM SYS.LOCKS WHERE STATUS = 'PENDING' AND TARGET_KIND = 'ROW'"))
                .isEqualTo(many);
        assertThat(strings("EXPLAIN LOCKS " + ADD)).isNotEmpty();
        execute("SET LOCK_TIMEOUT 0");
        long before = allocated();
        assertThat(stateOf(ADD)).isEqualTo("HYT00");
        assertThat((allocated() - before) / many).as("a message").isLessThan(BYTES_EACH);
    }

    /** By each way to end one; returns how many. */
    private int endSome() throws Exception {
        Member[] some = Stream.of(0, 1, many / 3, many / 2, many - 3, many - 2, many - 1)
                .map(members::get)
                .toArray(Member[]::new);
        execute("KILL QUERY WHERE SESSION = " + some[0].session());
        execute("UPDATE SYS.SESSIONS SET ABORT = 1 WHERE SESSION = " + some[1].session());
        execute("UPDATE SYS.SESSIONS SET ABORT = 2 WHERE SESSION = " + some[2].session());
        execute("KILL SESSION " + some[3].session());
        some[4].statement.cancel();
        some[5].connection.abort(Runnable::run);
        some[6].thread.interrupt();
        List<String> outcomes = new ArrayList<>();
        for (Member one : some) {
            outcomes.add(one.outcome.get());
        }
        System.out.println("ended: " + outcomes);
        assertThat(outcomes).doesNotContain("1");
        assertThat(waitingNow()).isEqualTo(many - some.length);
        return some.length;
    }

    private void leave(Connection holder) throws Exception {
        for (Member member : members) {
            member.thread.join();
            member.connection.close();
        }
        holder.close();
        ended.acquire(many);
        assertThat(number("SELECT COUNT(*) FROM SYS.SESSIONS")).isEqualTo(1);
        assertThat(number("SELECT COUNT(*) FROM SYS.LOCKS")).isZero();
        assertThat(number("SELECT COUNT(*) FROM SYS.TRANSACTIONS WHERE END_TIME IS NULL"))
                .isZero();
        execute(ADD);
    }

    private int waitingNow() throws SQLException {
        return number("SELECT COUNT(*) FROM SYS.SESSIONS WHERE BLOCKED_BY IS NOT NULL");
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = looker.createStatement()) {
            statement.execute(sql);
        }
    }

    private String stateOf(String sql) {
        try {
            execute(sql);
            return "";
        } catch (SQLException e) {
            assertThat(String.valueOf(e.getMessage()).length()).isLessThan(20_000);
            return e.getSQLState();
        }
    }

    private int number(String sql) throws SQLException {
        return Integer.parseInt(strings(sql).get(0));
    }

    private List<String> strings(String sql) throws SQLException {
        List<String> strings = new ArrayList<>();
        try (Statement statement = looker.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                strings.add(rows.getString(1));
            }
        }
        return strings;
    }
}
