package io.mortise.bench;

import io.mortise.bench.workload.Competitor;
import io.mortise.bench.workload.Workloads;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** What it takes to get through the driver: calls that do as little as possible behind it. */
@Fork(1)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init") // JMH calls the set-up
public class DriverBenchmark {
    private static final String DATABASE = "driver";

    /** Plain H2 beside it. */
    @Param({"H2", "MORTISE"})
    public Competitor engine;

    private Connection connection;
    private PreparedStatement select;
    private PreparedStatement update;

    /** Connects. */
    @Setup
    public void connect() throws SQLException {
        connection = engine.connect(DATABASE);
        Workloads.makeTables(connection, 10);
        select = connection.prepareStatement("SELECT BALANCE FROM ACCOUNTS WHERE ID = 7");
        update = connection.prepareStatement("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = 7");
    }

    /** A call that H2 answers by itself. */
    @Benchmark
    public boolean getAutoCommit() throws SQLException {
        return connection.getAutoCommit();
    }

    /** Into a session, through its gate, to one row and back. */
    @Benchmark
    public long selectOneRow() throws SQLException {
        try (ResultSet row = select.executeQuery()) {
            row.next();
            return row.getLong(1);
        }
    }

    /** The same with a lock. */
    @Benchmark
    public int updateOneRow() throws SQLException {
        return update.executeUpdate();
    }

    /** Throws the database away. */
    @TearDown
    public void drop() throws SQLException {
        connection.close();
        engine.drop(DATABASE);
    }
}
