package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.driver.EveryMethodTest.Case;
import java.lang.reflect.InvocationTargetException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import javax.sql.PooledConnection;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every method of every object after its own end, its connection's, or after a pool's handle has been given back: what
 * plain H2 says of the same, and nothing reaches the next borrower's transaction.
 */
@Timeout(120)
final class EveryClosedObjectTest {
    private static final String SETUP = "CREATE TABLE T(ID INT PRIMARY KEY, NAME VARCHAR, V INT);"
            + "INSERT INTO T VALUES (1, 'one', 10), (2, 'two', 20)";

    /** H2 leaves these empty, or has them answer, where JDBC wants more; or they say which driver it is. */
    private static final Set<String> OURS = Set.of(
            "Connection.abort",
            "Connection.setNetworkTimeout",
            "Connection.getNetworkTimeout",
            "Connection.setReadOnly",
            "Connection.setClientInfo",
            "Connection.getClientInfo",
            "Connection.setShardingKey",
            "Connection.setShardingKeyIfValid",
            "Connection.beginRequest",
            "Connection.endRequest",
            "Statement.getConnection",
            "PreparedStatement.getConnection",
            "CallableStatement.getConnection",
            "CallableStatement.registerOutParameter",
            "DatabaseMetaData.getDriverName",
            "DatabaseMetaData.getDriverVersion",
            "DatabaseMetaData.getDriverMajorVersion",
            "DatabaseMetaData.getDriverMinorVersion");

    private static final String REFUSED = "refused: ";

    private static final Set<String> CLOSED =
            Set.of(REFUSED + "90007 90007", REFUSED + "08003 90121", REFUSED + "08003 90098");

    private static final List<Class<?>> TYPES = EveryMethodTest.all()
            .map(Case::type)
            .<Class<?>>map(type -> type)
            .distinct()
            .toList();

    /** What ends. */
    private enum End {
        ITS_OWN,
        ITS_CONNECTIONS;

        void end(Object subject, Connection connection) throws Exception {
            if (this == ITS_OWN && subject instanceof AutoCloseable closeable) {
                closeable.close();
            } else {
                connection.close();
            }
        }
    }

    private static Stream<Arguments> typesAndEnds() {
        return TYPES.stream().flatMap(type -> Stream.of(End.values()).map(end -> Arguments.of(type, end)));
    }

    @ParameterizedTest
    @MethodSource("typesAndEnds")
    void saysWhatPlainH2Says(Class<?> type, End end) throws Exception {
        Map<String, String> ours = outcomes(type, end, DriverManager.getConnection("jdbc:mortise:mem:", "sa", ""));
        Map<String, String> theirs = outcomes(type, end, DriverManager.getConnection("jdbc:h2:mem:", "sa", ""));

        assertThat(ours.keySet()).isEqualTo(theirs.keySet());
        ours.entrySet().removeIf(each -> isTheSame(each.getValue(), theirs.getOrDefault(each.getKey(), "")));
        assertThat(ours.entrySet().stream().map(each -> each + ", H2: " + theirs.get(each.getKey())))
                .isEmpty();
    }

    /** Of what is closed H2 looks at this and that before, and says that its database is closed where it has none. */
    private static boolean isTheSame(String ours, String theirs) {
        boolean isRefused = theirs.startsWith(REFUSED) || theirs.startsWith("org.h2.message.DbException");
        return ours.equals(theirs) || isRefused && CLOSED.contains(ours);
    }

    private static Map<String, String> outcomes(Class<?> type, End end, Connection connection) throws Exception {
        try (connection;
                Statement statement = connection.createStatement()) {
            statement.execute(SETUP);
            Object subject = null;
            Map<String, String> outcomes = new TreeMap<>();
            for (Case each :
                    EveryMethodTest.all().filter(each -> each.type() == type).toList()) {
                if (OURS.contains(each.name())) {
                    continue;
                }
                if (subject == null) {
                    subject = each.subject().of(connection);
                    end.end(subject, connection);
                }
                outcomes.put(each.toString(), outcome(each, subject));
            }
            return outcomes;
        }
    }

    private static String outcome(Case each, Object subject) throws Exception {
        Object[] arguments = Arrays.stream(each.method().getParameterTypes())
                .map(EveryMethodTest::argument)
                .toArray();
        try {
            return EveryMethodTest.describe(each.method().invoke(subject, arguments));
        } catch (InvocationTargetException e) {
            return e.getCause() instanceof SQLException error
                    ? REFUSED + error.getSQLState() + " " + error.getErrorCode()
                    : String.valueOf(e.getCause());
        }
    }

    private interface Pool extends AutoCloseable {
        Connection borrow() throws SQLException;
    }

    private record Handles(PooledConnection physical) implements Pool {
        @Override
        public Connection borrow() throws SQLException {
            return physical.getConnection();
        }

        @Override
        public void close() throws SQLException {
            physical.close();
        }
    }

    private record Hikari(HikariDataSource source) implements Pool {
        @Override
        public Connection borrow() throws SQLException {
            return source.getConnection();
        }

        @Override
        public void close() {
            source.close();
        }
    }

    private static Pool pool(String kind) throws SQLException {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl("jdbc:mortise:mem:" + UUID.randomUUID());
        source.setUser("sa");
        if (kind.equals("Hikari")) {
            HikariConfig config = new HikariConfig();
            config.setDataSource(source);
            config.setMaximumPoolSize(1);
            return new Hikari(new HikariDataSource(config));
        }
        return new Handles(kind.equals("XA") ? source.getXAConnection() : source.getPooledConnection());
    }

    private static Stream<Arguments> typesAndPools() {
        return TYPES.stream()
                .flatMap(type -> Stream.of("pooled", "XA", "Hikari").map(pool -> Arguments.of(type, pool)));
    }

    /** The next borrower has a row in a transaction, and it stays there: no more, no less, and uncommitted. */
    @ParameterizedTest
    @MethodSource("typesAndPools")
    void reachesNobodyWhenTheHandleHasBeenGivenBack(Class<?> type, String kind) throws Exception {
        try (Pool pool = pool(kind)) {
            Connection before = pool.borrow();
            try (Statement statement = before.createStatement()) {
                statement.execute(SETUP);
            }
            List<Case> methods =
                    EveryMethodTest.all().filter(each -> each.type() == type).toList();
            Object subject = methods.get(0).subject().of(before);
            before.close();
            Connection next = pool.borrow();
            next.setAutoCommit(false);
            try (Statement statement = next.createStatement()) {
                statement.execute("INSERT INTO T VALUES(3, 'three', 30)");
                String state = state(next);

                for (Case each : methods) {
                    String outcome = outcome(each, subject);
                    assertThat(state(next)).as("after %s: %s", each, outcome).isEqualTo(state);
                }
                next.rollback();
                assertThat(rows(next)).isEqualTo(2);
            }
            next.close();
        }
    }

    private static String state(Connection connection) throws SQLException {
        return connection.isClosed()
                + " " + connection.getAutoCommit()
                + " " + connection.getTransactionIsolation()
                + " " + connection.getSchema()
                + " " + connection.isReadOnly()
                + " " + connection.getHoldability()
                + " " + connection.getNetworkTimeout()
                + " " + rows(connection);
    }

    private static int rows(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT COUNT(*) FROM T")) {
            rows.next();
            return rows.getInt(1);
        }
    }
}
