package io.mortise.examples.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A second process at the same server, with a transaction open: it runs what it is told, and gives back the answer's
 * first column. It ends, and commits, when it is closed. Used by one thread.
 */
public final class OtherProcess implements AutoCloseable {
    private static final String END_OF_ANSWER = ".";

    private final Process process;
    private final PrintWriter to;
    private final BufferedReader from;

    private OtherProcess(Process process) {
        this.process = process;
        this.to = new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8);
        this.from = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Starts it. The URL, which may hold a password, is told to it alone: anybody can read a command line. */
    public static OtherProcess at(String url) throws IOException {
        OtherProcess other = new OtherProcess(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OtherProcess.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start());
        other.to.println(url);
        return other;
    }

    public long pid() {
        return process.pid();
    }

    /** Lets it run a statement in its transaction. */
    public List<String> run(String sql) throws IOException {
        to.println(sql);
        List<String> answer = new ArrayList<>();
        for (String line = from.readLine(); !END_OF_ANSWER.equals(line); line = from.readLine()) {
            if (line == null) {
                throw new IOException("The other process has ended. It said: " + String.join("\n", answer));
            }
            answer.add(line);
        }
        return answer;
    }

    /** It commits, and has ended when this returns. */
    @Override
    public void close() throws IOException {
        to.close();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** What the other process does: a URL comes in, then a statement a line. */
    public static void main(String[] args) throws IOException, SQLException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Connection connection = DriverManager.getConnection(Objects.requireNonNull(in.readLine()));
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql = in.readLine(); sql != null; sql = in.readLine()) {
                if (statement.execute(sql)) {
                    print(statement, out);
                }
                out.println(END_OF_ANSWER);
            }
            connection.commit();
        }
    }

    private static void print(Statement statement, PrintStream out) throws SQLException {
        try (ResultSet rows = statement.getResultSet()) {
            while (rows.next()) {
                out.println(rows.getString(1));
            }
        }
    }
}
