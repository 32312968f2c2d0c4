package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.Reader;
import java.io.StringReader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.JDBCType;
import java.sql.NClob;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.Statement;
import java.sql.Wrapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Calendar;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Calls every method of every interface on our objects and on H2's, and compares what comes back. */
final class EveryMethodTest {
    private static final String SETUP = "CREATE TABLE T(ID INT PRIMARY KEY, NAME VARCHAR, V INT);"
            + "INSERT INTO T VALUES (1, 'one', 10), (2, 'two', 20)";

    /** Where we differ on purpose: H2 leaves these empty, or they say which driver it is, or there is more to list. */
    private static final Set<String> OURS = Set.of(
            "Connection.abort",
            "Connection.setNetworkTimeout",
            "Connection.getNetworkTimeout",
            "Connection.setReadOnly",
            "Connection.setClientInfo",
            "Connection.getClientInfo",
            "Connection.isValid",
            "Connection.setShardingKey",
            "Connection.setShardingKeyIfValid",
            "DatabaseMetaData.getClientInfoProperties",
            "DatabaseMetaData.getSchemas",
            "DatabaseMetaData.getDriverName",
            "DatabaseMetaData.getDriverVersion",
            "DatabaseMetaData.getDriverMajorVersion",
            "DatabaseMetaData.getDriverMinorVersion",
            "DatabaseMetaData.getURL",
            "Statement.setQueryTimeout",
            "PreparedStatement.setQueryTimeout",
            "CallableStatement.setQueryTimeout");

    private static final Map<Class<?>, Object> PRIMITIVES = Map.of(
            boolean.class,
            true,
            byte.class,
            (byte) 1,
            short.class,
            (short) 1,
            int.class,
            1,
            long.class,
            1L,
            float.class,
            1.0f,
            double.class,
            1.0);

    /** What one object's methods are called on: made anew for every call, for many calls change it. */
    interface Subject {
        Object of(Connection connection) throws SQLException;
    }

    record Case(Class<?> type, Method method, Subject subject) {
        @Override
        public String toString() {
            return type.getSimpleName() + "." + method.getName() + Arrays.toString(method.getParameterTypes());
        }

        String name() {
            return type.getSimpleName() + "." + method.getName();
        }
    }

    static Stream<Case> everyMethod() {
        return all().filter(each -> !OURS.contains(each.name())).filter(each -> !isDefaultOfTheJdk(each));
    }

    /** Every method of every object that JDBC hands out, with what it is called on. */
    static Stream<Case> all() {
        return Stream.of(
                        methods(Connection.class, connection -> connection),
                        methods(DatabaseMetaData.class, Connection::getMetaData),
                        methods(Statement.class, Connection::createStatement),
                        methods(
                                PreparedStatement.class,
                                connection -> connection.prepareStatement("SELECT * FROM T WHERE ID = ?")),
                        methods(CallableStatement.class, connection -> connection.prepareCall("{? = call ABS(-1)}")),
                        methods(ResultSet.class, EveryMethodTest::updatable))
                .flatMap(List::stream);
    }

    /** The JDK's exception for these has no SQLState; ours has one. */
    private static boolean isDefaultOfTheJdk(Case each) {
        return each.name().equals("CallableStatement.registerOutParameter")
                && List.of(each.method().getParameterTypes()).contains(SQLType.class);
    }

    private static ResultSet updatable(Connection connection) throws SQLException {
        ResultSet result = connection
                .createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE)
                .executeQuery("SELECT ID, NAME, V FROM T ORDER BY ID");
        result.next();
        return result;
    }

    private static List<Case> methods(Class<?> type, Subject subject) {
        return Arrays.stream(type.getMethods())
                .filter(method -> !Modifier.isStatic(method.getModifiers()))
                .filter(method -> method.getDeclaringClass() != Wrapper.class)
                .sorted(Comparator.comparing(Method::toString))
                .map(method -> new Case(type, method, subject))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("everyMethod")
    void comesBackAsFromH2(Case each) throws Exception {
        assertThat(outcome(each, "jdbc:mortise:mem:")).isEqualTo(outcome(each, "jdbc:h2:mem:"));
    }

    private static String outcome(Case each, String url) throws Exception {
        try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(SETUP);
            }
            Object subject = each.subject().of(connection);
            Object[] arguments = Arrays.stream(each.method().getParameterTypes())
                    .map(EveryMethodTest::argument)
                    .toArray();
            String returned;
            try {
                returned = describe(each.method().invoke(subject, arguments));
            } catch (InvocationTargetException e) {
                returned = describe(e.getCause());
            }
            return returned + " then " + rows(connection);
        }
    }

    /** What the call has done to the table. */
    private static String rows(Connection connection) throws SQLException {
        if (connection.isClosed()) {
            return "closed";
        }
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT * FROM T ORDER BY ID")) {
            return contents(result);
        }
    }

    static @Nullable Object argument(Class<?> type) {
        if (type == String.class) {
            return "NAME";
        }
        if (type.isPrimitive()) {
            return PRIMITIVES.get(type);
        }
        if (type == InputStream.class) {
            return new ByteArrayInputStream("x".getBytes(StandardCharsets.US_ASCII));
        }
        if (type == Reader.class) {
            return new StringReader("x");
        }
        Map<Class<?>, Object> samples = Map.of(
                Object.class,
                "1",
                BigDecimal.class,
                BigDecimal.ONE,
                byte[].class,
                new byte[] {1},
                int[].class,
                new int[] {1},
                String[].class,
                new String[] {"ID"},
                Class.class,
                String.class,
                Calendar.class,
                Calendar.getInstance(),
                SQLType.class,
                JDBCType.INTEGER,
                Properties.class,
                new Properties(),
                Executor.class,
                (Executor) Runnable::run);
        return type == Map.class ? Map.of() : samples.get(type);
    }

    static String describe(@Nullable Object value) throws Exception {
        if (value instanceof SQLException e) {
            return e.getClass().getName() + " " + e.getSQLState() + " " + e.getErrorCode() + " " + e.getMessage();
        }
        if (value instanceof Throwable e) {
            return e.toString();
        }
        if (value instanceof ResultSet result) {
            return contents(result);
        }
        if (value instanceof byte[] bytes) {
            return Arrays.toString(bytes);
        }
        if (value instanceof int[] || value instanceof long[]) {
            return value.getClass().getSimpleName();
        }
        boolean isPlain = value instanceof String
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Enum
                || value instanceof Map;
        return value == null || isPlain ? String.valueOf(value) : kind(value);
    }

    /** The interface it has: the classes differ. */
    private static String kind(Object value) throws Exception {
        if (value instanceof InputStream stream) {
            return "stream " + Arrays.toString(stream.readAllBytes());
        }
        if (value instanceof Blob || value instanceof Clob || value instanceof NClob) {
            return "lob";
        }
        for (Class<?> type : new Class<?>[] {
            CallableStatement.class, PreparedStatement.class, Statement.class, Connection.class, DatabaseMetaData.class
        }) {
            if (type.isInstance(value)) {
                return type.getSimpleName();
            }
        }
        return value.getClass().getSimpleName();
    }

    private static String contents(ResultSet result) throws SQLException {
        ResultSetMetaData meta = result.getMetaData();
        List<String> lines = new ArrayList<>();
        while (result.next()) {
            List<String> line = new ArrayList<>();
            for (int column = 1; column <= meta.getColumnCount(); column++) {
                String name = meta.getColumnLabel(column);
                line.add(name + "=" + (isOfThisRun(name) ? "?" : result.getString(column)));
            }
            lines.add(line.toString());
        }
        return lines.toString();
    }

    /** Names that H2 makes up anew in every database. */
    private static boolean isOfThisRun(String column) {
        return column.endsWith("_NAME") || column.endsWith("_CAT");
    }

    @Test
    void whatIsHandedOutIsOurs() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:", "sa", "")) {
            connection.createStatement().execute(SETUP);
            Statement statement = connection.createStatement();
            ResultSet result = statement.executeQuery("SELECT * FROM T");
            PreparedStatement insert = connection.prepareStatement(
                    "INSERT INTO T VALUES (3, 'three', 30)", Statement.RETURN_GENERATED_KEYS);
            insert.executeUpdate();

            assertThat(result.getStatement()).isSameAs(statement);
            assertThat(statement.getConnection()).isSameAs(connection);
            assertThat(statement.getResultSet()).isSameAs(result);
            assertThat(insert.getGeneratedKeys().getStatement()).isSameAs(insert);
            assertThat(connection.prepareCall("CALL 1").getConnection()).isSameAs(connection);
            assertThat(connection.getMetaData().getTables(null, null, "%", null).getStatement())
                    .isNull();
        }
    }

    @Test
    void whatIsNotSupportedNeverLooksLikeABrokenConnection() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:", "sa", "")) {
            SQLException e = org.assertj.core.api.Assertions.catchThrowableOfType(
                    SQLException.class, () -> connection.setShardingKeyIfValid(null, 1));

            assertThat(e.getSQLState()).isEqualTo("HYC00");
        }
    }
}
