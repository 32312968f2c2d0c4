package io.mortise.compat.kit;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.mortise.driver.MortiseDataSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;

/** A database in memory that lives as long as this is open. One thread at a time. */
public final class Database implements AutoCloseable {
    private final String name = UUID.randomUUID().toString();
    private final Connection keeper;

    public Database() throws SQLException {
        keeper = dataSource("").getConnection();
    }

    public String url() {
        return "jdbc:mortise:mem:" + name;
    }

    /** @param settings what to add to the URL, each behind a semicolon */
    public MortiseDataSource dataSource(String settings) {
        MortiseDataSource dataSource = new MortiseDataSource();
        dataSource.setUrl(url() + settings);
        dataSource.setUser("sa");
        return dataSource;
    }

    /** The connection that keeps the database open. */
    public Connection keeper() {
        return keeper;
    }

    /** The first column of the first row, or the count of rows changed. */
    @CanIgnoreReturnValue
    public String run(String sql) throws SQLException {
        try (Statement statement = keeper.createStatement()) {
            if (!statement.execute(sql)) {
                return Integer.toString(statement.getUpdateCount());
            }
            try (ResultSet result = statement.getResultSet()) {
                return result.next() ? String.valueOf(result.getString(1)) : "";
            }
        }
    }

    @Override
    public void close() throws SQLException {
        keeper.close();
    }
}
