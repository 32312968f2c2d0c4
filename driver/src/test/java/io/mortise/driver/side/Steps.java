package io.mortise.driver.side;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Longer calls, step by step, and their answers as text. Stateless. */
final class Steps {
    /** One step of a longer call, answered by itself. */
    interface Step {
        Object take() throws Exception;
    }

    private Steps() {}

    static Step done(Done step) {
        return () -> {
            step.take();
            return "done";
        };
    }

    /** A step without an answer. */
    interface Done {
        void take() throws Exception;
    }

    static String steps(Step... steps) {
        StringBuilder text = new StringBuilder();
        for (Step step : steps) {
            try {
                text.append(step.take()).append("; ");
            } catch (SQLException e) {
                text.append(e.getErrorCode()).append(' ').append(e.getMessage()).append("; ");
            } catch (Exception e) {
                text.append(e).append("; ");
            }
        }
        return text.toString();
    }

    static void run(Connection connection, String... all) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String sql : all) {
                statement.execute(sql);
            }
        }
    }

    static String rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.execute(sql) ? rows(statement.getResultSet()) : statement.getUpdateCount() + " rows";
        }
    }

    static String rows(ResultSet result) throws SQLException {
        StringBuilder text = new StringBuilder();
        while (result.next()) {
            for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                text.append(result.getString(i))
                        .append(i == result.getMetaData().getColumnCount() ? "\n" : " | ");
            }
        }
        return text.toString();
    }
}
