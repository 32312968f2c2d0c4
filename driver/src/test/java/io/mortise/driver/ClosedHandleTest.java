package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import javax.sql.PooledConnection;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * What has been closed says so, by every method: beside plain H2, and where a pool lends the connection to somebody
 * else.
 */
@Timeout(60)
final class ClosedHandleTest {
    /** Asked of something closed, they answer. */
    private static final Set<String> ANSWER = Set.of("close", "abort", "isClosed", "isValid");

    private static PooledConnection pooled() throws SQLException {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl("jdbc:mortise:mem:" + UUID.randomUUID());
        source.setUser("sa");
        return source.getPooledConnection("sa", "");
    }

    private static Stream<Method> methods(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> Modifier.isAbstract(method.getModifiers()))
                .filter(method -> !ANSWER.contains(method.getName()))
                .sorted(Comparator.comparing(Method::toString));
    }

    @TestFactory
    Stream<DynamicTest> everyMethodOfAClosedHandleSaysThatItIsClosed() throws SQLException {
        PooledConnection pool = pooled();
        Connection handle = pool.getConnection();
        handle.close();
        Connection next = pool.getConnection();
        next.setAutoCommit(false);
        return methods(Connection.class)
                .map(method -> dynamicTest(
                        method.toGenericString(),
                        () -> assertThat(outcome(method, handle)).isEqualTo("90007")));
    }

    @TestFactory
    Stream<DynamicTest> everyMethodOfAClosedConnectionSaysWhatPlainH2Says() throws SQLException {
        JdbcDataSource plain = new JdbcDataSource();
        plain.setURL("jdbc:h2:mem:" + UUID.randomUUID());
        Connection theirs = plain.getConnection("sa", "");
        theirs.close();
        Connection ours = pooled().getConnection().unwrap(MortiseConnection.class);
        ours.close();
        return methods(Connection.class)
                .filter(method -> outcome(method, theirs).equals("90007"))
                .map(method -> dynamicTest(
                        method.toGenericString(),
                        () -> assertThat(outcome(method, ours)).isEqualTo("90007")));
    }

    /** Its SQLException's code, or "answers". */
    private static String outcome(Method method, Object target) {
        Object[] arguments = Arrays.stream(method.getParameterTypes())
                .map(ClosedHandleTest::argument)
                .toArray();
        try {
            method.invoke(target, arguments);
            return "answers";
        } catch (InvocationTargetException e) {
            return e.getCause() instanceof SQLException error
                    ? Integer.toString(error.getErrorCode())
                    : String.valueOf(e.getCause());
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("NullAway") // JDBC takes null for some of them.
    private static Object argument(Class<?> type) {
        if (type == int.class) {
            return 1;
        } else if (type == boolean.class) {
            return true;
        } else if (type == String.class) {
            return "SELECT 1";
        } else if (type == Class.class) {
            return Connection.class;
        } else if (type == Executor.class) {
            return (Executor) Runnable::run;
        }
        return null;
    }

    @Test
    void theNextBorrowersTransactionIsNotTouchedByWhatTheOneBeforeHasKept() throws SQLException {
        PooledConnection pool = pooled();
        Connection before = pool.getConnection();
        Statement statement = before.createStatement();
        statement.execute("CREATE TABLE T(ID INT)");
        PreparedStatement prepared = before.prepareStatement("INSERT INTO T VALUES(77)");
        DatabaseMetaData metaData = before.getMetaData();
        before.setAutoCommit(false);
        Savepoint savepoint = before.setSavepoint();
        assertThat(statement.getConnection()).isSameAs(before);
        assertThat(metaData.getConnection()).isSameAs(before);
        before.close();
        Connection next = pool.getConnection();
        next.setAutoCommit(false);
        try (Statement mine = next.createStatement()) {
            mine.execute("INSERT INTO T VALUES(1)");

            assertThat(refused(before::commit)).isEqualTo(90007);
            assertThat(refused(() -> before.rollback(savepoint))).isEqualTo(90007);
            assertThat(refused(prepared::executeUpdate)).isEqualTo(90007);
            assertThat(refused(() -> statement.execute("COMMIT"))).isEqualTo(90007);
            assertThat(refused(() -> metaData.getTables(null, null, "T", null))).isEqualTo(90007);

            next.rollback();
            try (ResultSet rows = mine.executeQuery("SELECT COUNT(*) FROM T")) {
                rows.next();
                assertThat(rows.getInt(1)).isZero();
            }
        }
    }

    private interface Call {
        void make() throws SQLException;
    }

    private static int refused(Call call) {
        try {
            call.make();
            return 0;
        } catch (SQLException e) {
            return e.getErrorCode();
        }
    }
}
