package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What a client asks its objects is no statement of its session. A holder is known by its last statement. */
final class GettersTest {
    /** Not questions, in spite of their names. */
    private static final Set<String> NO_QUESTIONS = Set.of("getMoreResults", "getGeneratedKeys");

    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID();

    @Test
    void noneRunsAStatement() throws Exception {
        try (Connection keeper = DriverManager.getConnection(url);
                Connection connection = DriverManager.getConnection(url)) {
            askAll(keeper, connection);
        }
    }

    private static void askAll(Connection keeper, Connection connection) throws Exception {
        String last = "SELECT ID FROM T WHERE ID > ?";
        try (Statement setUp = connection.createStatement()) {
            setUp.execute("CREATE TABLE T(ID INT PRIMARY KEY)");
            setUp.execute("INSERT INTO T VALUES (1), (2)");
            connection.setAutoCommit(false);
            try (PreparedStatement statement = connection.prepareStatement(last)) {
                statement.setInt(1, 0);
                ResultSet rows = statement.executeQuery();
                assertThat(rows.next()).isTrue();

                ask(connection, Connection.class);
                ask(statement, PreparedStatement.class);
                ask(rows, ResultSet.class);
                ask(rows.getMetaData(), ResultSetMetaData.class);
                ask(statement.getParameterMetaData(), ParameterMetaData.class);
            }

            assertThat(texts(keeper, "SELECT LAST_SQL FROM SYS.SESSIONS WHERE LAST_SQL NOT LIKE '%SYS.%'"))
                    .isEqualTo(last);
            assertThat(texts(
                            keeper,
                            "SELECT LISTAGG(SQL_TEXT, '; ') WITHIN GROUP (ORDER BY STATEMENT_ID)"
                                    + " FROM SYS.STATEMENTS WHERE SQL_TEXT NOT LIKE '%SYS.%'"))
                    .isEqualTo("CREATE TABLE T(ID INT PRIMARY KEY); INSERT INTO T VALUES (1), (2); " + last);
        }
    }

    /** Other getters ask the server by a statement. That of the columns is the one that every library calls. */
    @Test
    void overTheNetworkTheColumnsOfAResultAreNoStatementEither() throws Exception {
        try (Connection keeper = DriverManager.getConnection(url + ";SERVE=tcp:0")) {
            String address = texts(keeper, "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'");
            String name = url.substring("jdbc:mortise:".length());
            String port = address.substring(address.lastIndexOf(':') + 1);
            try (Connection far = DriverManager.getConnection("jdbc:mortise:tcp://localhost:" + port + "/" + name)) {
                far.setAutoCommit(false);
                try (Statement statement = far.createStatement()) {
                    assertThat(statement.executeQuery("SELECT 42").getMetaData().getCatalogName(1))
                            .isEqualTo(far.getCatalog());
                }

                assertThat(texts(keeper, "SELECT LAST_SQL FROM SYS.SESSIONS WHERE LAST_SQL NOT LIKE '%SYS.%'"))
                        .isEqualTo("SELECT 42");
            }
        }
    }

    private static void ask(Object of, Class<?> type) throws Exception {
        List<Method> questions = Arrays.stream(type.getMethods())
                .filter(method ->
                        method.getParameterCount() == 0 && method.getName().matches("(get|is)[A-Z].*"))
                .filter(method -> !NO_QUESTIONS.contains(method.getName()))
                .toList();
        assertThat(questions).isNotEmpty();
        for (Method question : questions) {
            try {
                question.invoke(of);
            } catch (InvocationTargetException e) {
                assertThat(e.getCause()).as(question.toString()).isInstanceOf(SQLException.class);
            }
        }
    }

    private static String texts(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            assertThat(rows.next()).isTrue();
            return rows.getString(1);
        }
    }
}
