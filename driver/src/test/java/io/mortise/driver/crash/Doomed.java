package io.mortise.driver.crash;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Random;

/**
 * The program that is killed: some writers commit transactions as fast as they can, and each commit is acknowledged on
 * the standard output once it has returned. The n-th transaction of a writer w adds {@link #ROWS} rows (w, n, …),
 * counts itself in TOTALS, and removes the rows of its n - {@link #KEPT}-th, so that the file stays small. Each row has
 * a number of its own and a large object, and a local temporary table is written beside. Some are rolled back.
 */
final class Doomed {
    static final int ROWS = 3;
    static final int KEPT = 50;

    private final String url;
    private final int writer;
    private final Random random;
    private final Life.End end;

    private Doomed(String url, int writer, long seed, Life.End end) {
        this.url = url;
        this.writer = writer;
        this.end = end;
        this.random = new Random(seed + writer);
    }

    /** @param arguments the URL, the number of writers, the seed, and what will end it */
    public static void main(String[] arguments) {
        int writers = Integer.parseInt(arguments[1]);
        for (int writer = 0; writer < writers; writer++) {
            Doomed doomed =
                    new Doomed(arguments[0], writer, Long.parseLong(arguments[2]), Life.End.valueOf(arguments[3]));
            new Thread(doomed::run, "writer " + writer).start();
        }
        if (Life.End.valueOf(arguments[3]) == Life.End.MEMORY) {
            new Thread(() -> takeAllMemory(arguments[0]), "glutton").start();
        }
    }

    /**
     * When it is told to, that is when its standard input ends. H2 closes the database at the first OutOfMemoryError
     * that it meets.
     */
    private static void takeAllMemory(String url) {
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            System.in.read();
            for (int i = 0; i < 3; i++) {
                try {
                    statement.execute("SELECT ARRAY_AGG(X || REPEAT('x', 1000)) FROM SYSTEM_RANGE(1, 10000000)");
                } catch (SQLException | OutOfMemoryError e) {
                    System.err.println("as it should be: " + e);
                }
            }
        } catch (SQLException | IOException | OutOfMemoryError e) {
            System.err.println("as it may be: " + e);
        } finally {
            Runtime.getRuntime().halt(1);
        }
    }

    private void run() {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
            connection.setAutoCommit(false);
            long n = begin(connection);
            try (Statement statement = connection.createStatement()) {
                statement.execute("CREATE LOCAL TEMPORARY TABLE NOTES(N BIGINT) ON COMMIT DELETE ROWS");
            }
            while (true) {
                boolean commits = random.nextInt(10) > 0;
                write(connection, n + 1);
                if (commits) {
                    connection.commit();
                    n++;
                    acknowledge(out, n);
                } else {
                    connection.rollback();
                }
            }
        } catch (SQLException e) {
            if (end == Life.End.KILL) {
                System.err.println(e);
                Runtime.getRuntime().halt(1);
            } // Else the database is closed beneath it.
        }
    }

    /** One write for a line, so that the reader never sees half of one with another behind it. */
    private void acknowledge(PrintStream out, long n) {
        out.print(writer + " " + n + "\n");
        out.flush();
    }

    /** How far this writer had come in an earlier life. */
    private long begin(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("MERGE INTO TOTALS(WRITER, N) KEY(WRITER) SELECT " + writer
                    + ", COALESCE((SELECT N FROM TOTALS WHERE WRITER = " + writer + "), 0)");
            connection.commit();
            try (var result = statement.executeQuery("SELECT N FROM TOTALS WHERE WRITER = " + writer)) {
                result.next();
                return result.getLong(1);
            }
        }
    }

    /** A large object that shows whose it is. */
    static byte[] data(int writer, long n, int part) {
        byte[] data = new byte[700 + (int) (n % 5) * 1000];
        Arrays.fill(data, (byte) (31 * n + 7L * part + writer));
        return data;
    }

    private void write(Connection connection, long n) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO ENTRIES(WRITER, N, PART, PAYLOAD, DATA) VALUES (?, ?, ?, ?, ?)");
                PreparedStatement note = connection.prepareStatement("INSERT INTO NOTES VALUES (?)");
                PreparedStatement count = connection.prepareStatement("UPDATE TOTALS SET N = ? WHERE WRITER = ?");
                PreparedStatement remove =
                        connection.prepareStatement("DELETE FROM ENTRIES WHERE WRITER = ? AND N = ?")) {
            for (int part = 0; part < ROWS; part++) {
                insert.setInt(1, writer);
                insert.setLong(2, n);
                insert.setInt(3, part);
                insert.setString(4, "x".repeat(random.nextInt(300)));
                insert.setBytes(5, data(writer, n, part));
                insert.executeUpdate();
            }
            note.setLong(1, n);
            note.executeUpdate();
            count.setLong(1, n);
            count.setInt(2, writer);
            count.executeUpdate();
            remove.setInt(1, writer);
            remove.setLong(2, n - KEPT);
            remove.executeUpdate();
        }
    }
}
