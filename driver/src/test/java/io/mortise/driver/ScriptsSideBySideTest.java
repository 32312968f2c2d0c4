package io.mortise.driver;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Scripts that are run on plain H2 and here: every column, row, count and error has to be the same, its words included.
 * And every method of DatabaseMetaData, with every pattern left open.
 */
@Timeout(60)
class ScriptsSideBySideTest {
    private static final Path SCRIPTS = Path.of("src/test/resources/side");

    /** Errors of locks have words of their own here; docs/differences-from-h2.md says so. */
    private static final int LOCK_TIMEOUT = 50200;

    /** What docs/differences-from-h2.md names: the driver, its URL, and the schemas SYS and SYSTEM. */
    private static final Set<String> MEANT = Set.of(
            "getURL",
            "getDriverName",
            "getDriverVersion",
            "getDriverMajorVersion",
            "getDriverMinorVersion",
            "getClientInfoProperties");

    private static final List<String> VALUES = List.of(
            "NULL",
            "TRUE",
            "CAST(7 AS TINYINT)",
            "CAST(-300 AS SMALLINT)",
            "70000",
            "5000000000",
            "1.50",
            "CAST(0.1 AS REAL)",
            "1E300",
            "CAST(1.5E10 AS DECFLOAT)",
            "'12'",
            "'text'",
            "'2020-01-02'",
            "CAST('c' AS CHAR(3))",
            "CAST('long' AS CLOB)",
            "X'0102'",
            "CAST(X'03' AS BLOB)",
            "DATE '2020-02-29'",
            "TIME '10:11:12.5'",
            "TIME WITH TIME ZONE '10:11:12+02'",
            "TIMESTAMP '2020-01-02 03:04:05.678'",
            "TIMESTAMP WITH TIME ZONE '2020-01-02 03:04:05+01'",
            "INTERVAL '3' DAY",
            "INTERVAL '1-2' YEAR TO MONTH",
            "ARRAY[1, 2]",
            "ROW (1, 'a')",
            "UUID '00000000-0000-0000-0000-00000000000a'",
            "JSON '{\"a\": 1}'",
            "CAST('b' AS ENUM('a', 'b'))");

    private static final List<Class<?>> TYPES = List.of(
            Boolean.class,
            Byte.class,
            Short.class,
            Integer.class,
            Long.class,
            BigInteger.class,
            BigDecimal.class,
            Float.class,
            Double.class,
            String.class,
            byte[].class,
            UUID.class,
            LocalDate.class,
            LocalTime.class,
            LocalDateTime.class,
            OffsetTime.class,
            OffsetDateTime.class,
            ZonedDateTime.class,
            Instant.class,
            Duration.class,
            Period.class,
            java.sql.Date.class,
            java.sql.Timestamp.class,
            Clob.class,
            Blob.class,
            java.sql.Array.class,
            Object[].class,
            Object.class);

    static Stream<Path> scripts() throws IOException {
        try (Stream<Path> files = Files.list(SCRIPTS)) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void everyStatementOfAScriptAnswersAlike(Path script) throws Exception {
        List<String> plain = run("jdbc:h2:mem:", script);
        List<String> ours = run("jdbc:mortise:mem:", script);
        for (int i = 0; i < plain.size(); i++) {
            assertThat(ours.get(i))
                    .as("%s, statement %d", script.getFileName(), i + 1)
                    .isEqualTo(plain.get(i));
        }
    }

    private static List<String> run(String prefix, Path script) throws Exception {
        String url = prefix + "side" + UUID.randomUUID().toString().replace("-", "");
        List<String> seen = new ArrayList<>();
        try (Connection setUp = DriverManager.getConnection(url, "sa", "");
                Connection a = DriverManager.getConnection(url, "sa", "");
                Connection b = DriverManager.getConnection(url, "sa", "")) {
            Map<String, Connection> sessions = Map.of("a", a, "b", b);
            for (String written : Files.readString(script).split(";\\s*\n")) {
                String sql = written.replaceAll("(?m)^--.*\n", "").strip();
                boolean isOfOne = sql.matches("(?s)[ab]> .*");
                Connection session = isOfOne ? requireNonNull(sessions.get(sql.substring(0, 1))) : setUp;
                seen.add(sql + "\n   " + answer(session, isOfOne ? sql.substring(3) : sql));
            }
        }
        return seen.stream()
                .map(line -> line.replaceAll("(?i)side[0-9a-f]{32}", "side")
                        .replaceAll("_COPY_\\d+_\\d+", "_COPY_#")
                        .replaceAll("SYSTEM_SEQUENCE_\\w+", "SYSTEM_SEQUENCE_#"))
                .map(ScriptsSideBySideTest::inOrder)
                .toList();
    }

    /** H2 lists what depends on something as it lies in a table of hashes, and the name of a sequence is random. */
    private static String inOrder(String line) {
        return Pattern.compile("(?<=because \")[^\"]+(?=\" depends)")
                .matcher(line)
                .replaceAll(names -> Matcher.quoteReplacement(
                        Stream.of(names.group().split(", ")).sorted().collect(Collectors.joining(", "))));
    }

    private static String answer(Connection session, String sql) {
        StringJoiner answer = new StringJoiner("\n   ");
        try (Statement statement = session.createStatement()) {
            boolean hasRows = statement.execute(sql, Statement.RETURN_GENERATED_KEYS);
            while (hasRows || statement.getLargeUpdateCount() >= 0) {
                answer.add(hasRows ? rows(statement.getResultSet()) : "count " + statement.getLargeUpdateCount());
                hasRows = statement.getMoreResults();
            }
            answer.add("keys " + rows(statement.getGeneratedKeys()));
            answer.add("warnings " + statement.getWarnings());
        } catch (SQLException e) {
            answer.add(e.getClass().getInterfaces().length + " " + e.getSQLState() + "/" + e.getErrorCode());
            answer.add(e.getErrorCode() == LOCK_TIMEOUT ? "" : e.getMessage());
        }
        return answer.toString();
    }

    private static String rows(ResultSet result) throws SQLException {
        ResultSetMetaData columns = result.getMetaData();
        StringJoiner rows = new StringJoiner("\n   ");
        for (int i = 1; i <= columns.getColumnCount(); i++) {
            rows.add(columns.getColumnLabel(i) + " of " + columns.getSchemaName(i) + "." + columns.getTableName(i) + "."
                    + columns.getColumnName(i) + " " + columns.getColumnTypeName(i) + "(" + columns.getPrecision(i)
                    + ", " + columns.getScale(i) + ") " + columns.getColumnType(i) + " " + columns.getColumnClassName(i)
                    + " " + columns.isNullable(i) + " " + columns.isAutoIncrement(i) + " "
                    + columns.getColumnDisplaySize(i));
        }
        while (result.next()) {
            StringJoiner row = new StringJoiner(" | ");
            for (int i = 1; i <= columns.getColumnCount(); i++) {
                row.add(result.getString(i));
            }
            rows.add(row.toString());
        }
        return rows.toString();
    }

    @Test
    void everyGetterOfEveryTypeAnswersAlike() throws Exception {
        assertThat(gotten("jdbc:mortise:mem:")).isEqualTo(gotten("jdbc:h2:mem:"));
    }

    private static Map<String, String> gotten(String prefix) throws SQLException {
        Map<String, String> answers = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection(prefix + "sideget", "sa", "");
                Statement statement = connection.createStatement()) {
            List<Method> getters = Stream.of(ResultSet.class.getMethods())
                    .filter(method -> method.getName().startsWith("get"))
                    .filter(method -> Arrays.equals(method.getParameterTypes(), new Class<?>[] {int.class}))
                    .toList();
            for (String value : VALUES) {
                for (Method getter : getters) {
                    ResultSet row = first(statement, value);
                    answers.put(value + " " + getter.getName(), answer(row, getter) + " " + row.wasNull());
                }
                for (Class<?> type : TYPES) {
                    answers.put(value + " as " + type, asObject(first(statement, value), type));
                }
            }
        }
        return answers;
    }

    private static ResultSet first(Statement statement, String value) throws SQLException {
        ResultSet row = statement.executeQuery("SELECT " + value + " X");
        row.next();
        return row;
    }

    private static String asObject(ResultSet row, Class<?> type) {
        try {
            return text(row.getObject("X", type));
        } catch (SQLException e) {
            return e.getSQLState() + "/" + e.getErrorCode();
        }
    }

    private static String answer(ResultSet row, Method getter) {
        try {
            return text(getter.invoke(row, 1));
        } catch (InvocationTargetException e) {
            return e.getCause() instanceof SQLException sql
                    ? sql.getSQLState() + "/" + sql.getErrorCode()
                    : String.valueOf(e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(getter.toString(), e);
        }
    }

    /** What the value says, and of what type it is; ours are the driver's own. */
    private static String text(@Nullable Object value) {
        try {
            if (value instanceof Clob clob) {
                return "clob " + clob.getSubString(1, 20);
            } else if (value instanceof Blob blob) {
                return "blob " + Arrays.toString(blob.getBytes(1, 20));
            } else if (value instanceof SQLXML xml) {
                return "xml " + xml.getString();
            } else if (value instanceof java.sql.Array array) {
                return "array " + array.getBaseTypeName() + text(array.getArray());
            } else if (value instanceof InputStream stream) {
                return "stream " + Arrays.toString(stream.readNBytes(20));
            } else if (value instanceof Reader reader) {
                char[] some = new char[20];
                return "reader " + reader.read(some) + new String(some);
            } else if (value instanceof Object[] array) {
                return Arrays.stream(array)
                        .map(ScriptsSideBySideTest::text)
                        .toList()
                        .toString();
            } else if (value instanceof byte[] bytes) {
                return Arrays.toString(bytes);
            } else if (value instanceof ResultSet result) {
                return rows(result);
            }
            return value == null ? "null" : value.getClass().getName() + " " + value;
        } catch (SQLException | IOException e) {
            return String.valueOf(e);
        }
    }

    @Test
    void everyMethodOfTheMetadataAnswersAlike() throws Exception {
        assertThat(metadata("jdbc:mortise:mem:")).isEqualTo(metadata("jdbc:h2:mem:"));
    }

    private static Map<String, String> metadata(String prefix) throws SQLException {
        Map<String, String> answers = new TreeMap<>();
        try (Connection connection = DriverManager.getConnection(prefix + "sidemeta", "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE P(ID INT PRIMARY KEY, V VARCHAR(9) DEFAULT 'x' UNIQUE)");
            statement.execute("CREATE TABLE C(ID IDENTITY, P INT REFERENCES P(ID) ON DELETE CASCADE, D DECIMAL(9, 2))");
            statement.execute("CREATE VIEW W AS SELECT ID, V FROM P");
            statement.execute("COMMENT ON TABLE C IS 'children'");
            statement.execute("CREATE ALIAS TWICE AS 'int twice(int a) { return 2 * a; }'");
            Method[] methods = DatabaseMetaData.class.getMethods();
            Arrays.sort(methods, Comparator.comparing(Method::toString));
            for (Method method : methods) {
                if (method.getDeclaringClass() == DatabaseMetaData.class && !MEANT.contains(method.getName())) {
                    answers.put(method.toString(), answer(connection.getMetaData(), method));
                }
            }
        }
        return answers;
    }

    /** Names are those of the tables, everything else is left open; numbers are 0. */
    private static String answer(DatabaseMetaData metadata, Method method) throws SQLException {
        Class<?>[] types = method.getParameterTypes();
        @Nullable Object[] arguments = new @Nullable Object[types.length];
        for (int i = 0; i < types.length; i++) {
            if (types[i] == int.class) {
                arguments[i] = 0;
            } else if (types[i] == boolean.class) {
                arguments[i] = false;
            } else if (types[i] == String.class) {
                arguments[i] = i % 3 == 1 ? "PUBLIC" : i % 3 == 2 ? (i > 3 ? "C" : "P") : null;
            }
        }
        try {
            Object answer = method.invoke(metadata, arguments);
            if (answer instanceof Connection) {
                return "a connection";
            }
            if (!(answer instanceof ResultSet result)) {
                return String.valueOf(answer);
            }
            return Stream.of(rows(result).split("\n"))
                    .filter(row -> !row.matches("\\s*(SYS|SYSTEM|[^|]* \\| (SYS|SYSTEM)) \\|.*"))
                    .toList()
                    .toString();
        } catch (InvocationTargetException e) {
            return e.getCause() instanceof SQLException sql
                    ? sql.getSQLState() + "/" + sql.getErrorCode() + " " + sql.getMessage()
                    : String.valueOf(e.getCause());
        } catch (IllegalAccessException e) {
            throw new AssertionError(method.toString(), e);
        }
    }
}
