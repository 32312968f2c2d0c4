package io.mortise.driver;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * The other side of {@link OtherProcess}: does what it reads, line by line, and answers each line with one. Each
 * connection has a thread of its own for what is started and not waited for.
 */
public final class SecondProcess {
    private final Map<String, Connection> connections = new HashMap<>();
    private final Map<String, Statement> statements = new HashMap<>();
    private final Map<String, CompletableFuture<String>> started = new HashMap<>();

    private SecondProcess() {}

    public static void main(String[] arguments) throws IOException {
        SecondProcess self = new SecondProcess();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] parts = line.split("\t", 3);
            String text = new String(Base64.getDecoder().decode(parts[2]), StandardCharsets.UTF_8);
            System.out.println(encode(self.answer(parts[0], parts[1], text)));
        }
        Runtime.getRuntime().halt(0); // The first process has ended; nobody is left to close anything for.
    }

    private static String encode(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private String answer(String verb, String name, String text) {
        return switch (verb) {
            case "connect" -> attempt(() -> connect(name, text));
            case "run" -> attempt(() -> run(statement(name), text));
            case "start" -> start(name, text);
            case "await" -> of(started, name).join();
            case "cancel" ->
                attempt(() -> {
                    of(statements, name).cancel();
                    return "cancelled";
                });
            case "abort" ->
                attempt(() -> {
                    of(connections, name).abort(Runnable::run);
                    return "aborted";
                });
            case "isolate" ->
                attempt(() -> {
                    of(connections, name).setAutoCommit(false);
                    return "ok";
                });
            case "close" ->
                attempt(() -> {
                    of(connections, name).close();
                    return "closed";
                });
            default -> throw new IllegalArgumentException(verb);
        };
    }

    private static <T> T of(Map<String, T> named, String name) {
        return Objects.requireNonNull(named.get(name), name);
    }

    private interface Step {
        String take() throws SQLException;
    }

    private static String attempt(Step step) {
        try {
            return "= " + step.take();
        } catch (SQLException e) {
            return "! " + e.getClass().getSimpleName() + " " + e.getSQLState() + " " + e.getErrorCode() + " "
                    + e.getMessage();
        }
    }

    private String connect(String name, String url) throws SQLException {
        Connection connection = DriverManager.getConnection(url, "sa", "");
        connections.put(name, connection);
        SQLWarning warning = connection.getWarnings();
        return warning == null ? "" : String.valueOf(warning.getMessage());
    }

    private Statement statement(String name) throws SQLException {
        Statement statement = of(connections, name).createStatement();
        statements.put(name, statement);
        return statement;
    }

    private String start(String name, String sql) {
        return attempt(() -> {
            Statement statement = statement(name);
            CompletableFuture<String> result = new CompletableFuture<>();
            new Thread(() -> result.complete(attempt(() -> run(statement, sql))), name).start();
            started.put(name, result);
            return "started";
        });
    }

    /** Rows with their columns, or the number of rows changed. */
    private static String run(Statement statement, String sql) throws SQLException {
        if (!statement.execute(sql)) {
            return Integer.toString(statement.getUpdateCount());
        }
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.getResultSet()) {
            while (result.next()) {
                List<String> row = new ArrayList<>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.add(result.getString(i));
                }
                rows.add(String.join(" ", row));
            }
        }
        return String.join("\n", rows);
    }
}
