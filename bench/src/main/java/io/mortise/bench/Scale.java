package io.mortise.bench;

import io.mortise.bench.report.Machine;
import io.mortise.bench.report.Table;
import io.mortise.bench.workload.Competitor;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** How the time of each view and of each lock operation grows with sessions, and with locks. */
@Command(name = "scale", mixinStandardHelpOptions = true, description = "Times views and lock operations as they grow.")
final class Scale implements Callable<Integer> {
    private static final String DATABASE = "scale";
    private static final long ENOUGH_NANOS = 400_000_000;
    private static final int MOST_TRANSACTIONS = 200;
    private static final Competitor ENGINE = Competitor.MORTISE;
    private static final List<String> VIEWS = List.of(
            "SYS.LOCKS",
            "IPE_ALLLOCKS",
            "SYS.LOCK_WAITS",
            "SYS.BLOCKING_TREE",
            "SYS.SESSIONS",
            "IPE_CURSESSIONS",
            "SYSTEM.PROCESSES",
            "SHOW_LOCKS()");

    @Option(names = "--sessions", split = ",", description = "how many (default: ${DEFAULT-VALUE})")
    private List<Integer> sessions = List.of(1, 10, 100, 1_000);

    @Option(names = "--locks", split = ",", description = "how many row locks (default: ${DEFAULT-VALUE})")
    private List<Integer> locks = List.of(1_000, 100_000, 1_000_000);

    @Option(names = "--out", description = "also write the table to this file, with tabs")
    private Path out = Path.of("");

    /** So many of something, and where what they do to times is written. */
    private record Growth(String with, int count, Table table) {
        void time(String what, Call call) throws SQLException {
            long enough = System.nanoTime() + ENOUGH_NANOS;
            List<Long> nanos = new ArrayList<>();
            while (nanos.size() < 3 || nanos.size() < 1_000 && System.nanoTime() < enough) {
                long begin = System.nanoTime();
                call.run();
                nanos.add(System.nanoTime() - begin);
            }
            nanos.sort(null);
            add(what, nanos.get(nanos.size() / 2));
        }

        void add(String what, long nanos) {
            table.add(List.of(what, with, Integer.toString(count), String.format(Locale.ROOT, "%.3f", nanos / 1e6)));
        }
    }

    /** A call whose time is taken. */
    interface Call {
        void run() throws SQLException;
    }

    @Override
    public Integer call() throws Exception {
        System.out.println(Machine.describe());
        Table table = new Table(List.of("what", "with", "number", "median ms")).announce();
        for (int count : sessions) {
            withSessions(count, table);
        }
        for (int count : locks) {
            withLocks(count, table);
        }
        if (!out.toString().isEmpty()) {
            table.write(out);
        }
        return 0;
    }

    /** Each holds a row and an intent on the table, as far as H2 has room for open transactions: 255 in all. */
    private static void withSessions(int count, Table table) throws Exception {
        List<Connection> others = new ArrayList<>();
        try (Connection own = ENGINE.connect(DATABASE)) {
            makeRows(own, count + 1);
            for (int i = 0; i < count; i++) {
                Connection other = ENGINE.connect(DATABASE);
                others.add(other);
                if (i < MOST_TRANSACTIONS) {
                    other.setAutoCommit(false);
                    execute(other, "UPDATE T SET V = 1 WHERE ID = " + (i + 1));
                }
            }
            Growth growth = new Growth("sessions", count, table);
            views(own, growth);
            operations(own, growth);
        } finally {
            for (Connection other : others) {
                other.close();
            }
            ENGINE.drop(DATABASE);
        }
    }

    /** All of one transaction, and of one table. */
    private static void withLocks(int count, Table table) throws Exception {
        try (Connection own = ENGINE.connect(DATABASE);
                Connection holder = ENGINE.connect(DATABASE)) {
            makeRows(own, count + 1);
            holder.setAutoCommit(false);
            execute(holder, "UPDATE T SET V = 1 WHERE ID > 0");
            Growth growth = new Growth("row locks", count, table);
            views(own, growth);
            operations(own, growth);
            heldUp(own, growth);
        } finally {
            ENGINE.drop(DATABASE);
        }
    }

    private static void views(Connection own, Growth growth) throws SQLException {
        for (String view : VIEWS) {
            growth.time("count of " + view, () -> read(own, "SELECT COUNT(*) FROM " + view));
        }
        growth.time("first row of SYS.LOCKS", () -> read(own, "SELECT * FROM SYS.LOCKS FETCH FIRST ROW ONLY"));
    }

    /** On what nobody holds: the other sessions and their locks should not matter. */
    private static void operations(Connection own, Growth growth) throws SQLException {
        execute(own, "CREATE TABLE U(ID INT PRIMARY KEY, V INT)");
        execute(own, "INSERT INTO U VALUES (1, 0)");
        own.setAutoCommit(false);
        try (PreparedStatement update = own.prepareStatement("UPDATE U SET V = V + 1 WHERE ID = 1");
                PreparedStatement lock = own.prepareStatement("LOCK TABLE U IN EXCLUSIVE MODE")) {
            growth.time("row lock and commit", () -> {
                update.executeUpdate();
                own.commit();
            });
            growth.time("table lock and commit", () -> {
                lock.executeUpdate();
                own.commit();
            });
        }
        own.setAutoCommit(true);
    }

    /** What reading all locks does to a writer; and, for as long, reading something that has no locks in it. */
    private static void heldUp(Connection own, Growth growth) throws Exception {
        execute(own, "SET LAZY_QUERY_EXECUTION 1");
        try (Connection other = ENGINE.connect(DATABASE)) {
            Call locks = () -> read(own, "SELECT * FROM IPE_ALLLOCKS");
            Call numbers = () -> read(own, "SELECT X, X FROM SYSTEM_RANGE(1, 1000)");
            Stalls.Pair stalls = Stalls.during(other, locks, numbers);
            growth.add(
                    "longest update while reading IPE_ALLLOCKS", stalls.read().longestNanos());
            growth.add(
                    "99.9 % of updates while reading IPE_ALLLOCKS",
                    stalls.read().mostNanos());
            growth.add(
                    "longest update while reading numbers for as long",
                    stalls.control().longestNanos());
            growth.add(
                    "99.9 % of updates while reading numbers for as long",
                    stalls.control().mostNanos());
        }
        execute(own, "SET LAZY_QUERY_EXECUTION 0");
    }

    private static void makeRows(Connection connection, int rows) throws SQLException {
        execute(connection, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        execute(connection, "INSERT INTO T SELECT X - 1, 0 FROM SYSTEM_RANGE(1, " + rows + ")");
    }

    private static void read(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(query)) {
            while (result.next()) {
                result.getObject(1);
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
