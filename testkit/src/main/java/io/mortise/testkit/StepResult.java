package io.mortise.testkit;

import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;

/**
 * How a step ended. Immutable.
 *
 * @param rows of a query, each as text: the columns with {@code " | "} between them, {@code NULL} for null
 * @param updateCount rows changed, or {@link #NO_COUNT} for a query and for anything that counts none
 * @param failure what was thrown, if anything was
 */
public record StepResult(List<String> rows, long updateCount, Optional<Throwable> failure) {
    public static final long NO_COUNT = -1;

    public StepResult {
        rows = List.copyOf(rows);
    }

    static StepResult none() {
        return new StepResult(List.of(), NO_COUNT, Optional.empty());
    }

    static StepResult failed(Throwable failure) {
        return new StepResult(List.of(), NO_COUNT, Optional.of(failure));
    }

    /** The first result of a statement that has been executed, and is no query. */
    static StepResult ofUpdate(Statement statement) throws SQLException {
        return new StepResult(List.of(), statement.getLargeUpdateCount(), Optional.empty());
    }

    /** The first result of a query that has been executed. */
    static StepResult ofQuery(Statement statement) throws SQLException {
        List<String> rows = new ArrayList<>();
        try (ResultSet result = statement.getResultSet()) {
            ResultSetMetaData columns = result.getMetaData();
            while (result.next()) {
                StringJoiner row = new StringJoiner(" | ");
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    String value = result.getString(i);
                    row.add(value == null ? "NULL" : value);
                }
                rows.add(row.toString());
            }
        }
        return new StepResult(rows, NO_COUNT, Optional.empty());
    }

    public boolean isFailure() {
        return failure.isPresent();
    }

    /** The SQLSTATE it failed with; empty if it did not fail, or not in SQL. */
    public Optional<String> sqlState() {
        return failure.filter(SQLException.class::isInstance)
                .map(SQLException.class::cast)
                .map(SQLException::getSQLState);
    }

    @Override
    public String toString() {
        return failure.map(this::failureText).orElseGet(this::successText);
    }

    private String failureText(Throwable thrown) {
        String state = sqlState().map(code -> code + " ").orElse("");
        String message = String.valueOf(thrown.getMessage()).lines().findFirst().orElse("");
        return "failed: " + state + message;
    }

    private String successText() {
        if (updateCount < 0) {
            return rows.isEmpty() ? "finished" : "finished, " + rows;
        }
        return "finished, " + updateCount + (updateCount == 1 ? " row" : " rows");
    }
}
