package io.mortise.engine.storage.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.storage.Scene;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.h2.command.CommandContainer;
import org.h2.command.Prepared;
import org.h2.command.dml.Delete;
import org.h2.command.dml.Update;
import org.h2.command.query.Select;
import org.h2.engine.SessionLocal;
import org.h2.expression.Expression;
import org.h2.jdbc.JdbcConnection;
import org.h2.value.Value;
import org.h2.value.ValueInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A condition that need not be asked is not, and nobody can tell. */
@Timeout(60)
final class ExactKeyTest {
    private static final List<String> TABLES = List.of(
            "CREATE TABLE T(ID INT PRIMARY KEY, V INT)",
            "CREATE TABLE S(ID SMALLINT PRIMARY KEY, V INT)",
            "CREATE TABLE B(V INT, ID BIGINT PRIMARY KEY)",
            "INSERT INTO T VALUES (1, 10), (2, 20), (3, 30)",
            "INSERT INTO S VALUES (1, 10), (2, 20), (3, 30)",
            "INSERT INTO B(ID, V) VALUES (1, 10), (2, 20), (3, 30)");

    private final Scene scene = Scene.at("jdbc:h2:mem:" + UUID.randomUUID());
    private Connection connection;
    private SessionLocal h2;

    @BeforeEach
    void tables() throws SQLException {
        connection = scene.actor().connection;
        h2 = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
        make(connection);
    }

    private static void make(Connection in) throws SQLException {
        try (Statement statement = in.createStatement()) {
            for (String sql : TABLES) {
                statement.execute(sql);
            }
        }
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private Prepared read(String sql) {
        h2.lock();
        try {
            return CommandReflection.prepared((CommandContainer) h2.prepareLocal(sql));
        } finally {
            h2.unlock();
        }
    }

    private static @Nullable Expression condition(Prepared statement) {
        if (statement instanceof Select select) {
            return select.getCondition();
        }
        return statement instanceof Update update ? update.getCondition() : ((Delete) statement).getCondition();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT V FROM T WHERE ID = ?",
                "SELECT V, V + 1 FROM T X WHERE ? = X.ID",
                "SELECT V FROM B WHERE ID = ?",
                "UPDATE T SET V = V + 1 WHERE ID = ?1",
                "UPDATE S SET ID = 7 WHERE ID = ?",
                "DELETE FROM T WHERE ID = ?"
            })
    void theConditionIsOutWhileAStatementRunsByItsKey(String sql) {
        Prepared statement = read(sql);
        Expression condition = condition(statement);
        ExactKey key = ExactKey.of(statement);
        assertThat(key).isNotSameAs(ExactKey.NONE);

        assertThat(seenBy(key, statement, ValueInteger.get(1))).isNull();
        assertThat(condition(statement)).isSameAs(condition);
        for (Value value : List.of(
                org.h2.value.ValueDouble.get(1.5),
                org.h2.value.ValueNumeric.ONE,
                org.h2.value.ValueVarchar.get("1"),
                org.h2.value.ValueNull.INSTANCE)) {
            assertThat(seenBy(key, statement, value)).isSameAs(condition);
        }
    }

    /** The condition while it runs. */
    private static @Nullable Expression seenBy(ExactKey key, Prepared statement, Value value) {
        statement.getParameters().get(0).setValue(value);
        List<@Nullable Expression> seen = new ArrayList<>();
        key.run(statement, () -> seen.add(condition(statement)));
        return seen.get(0);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT V FROM T WHERE ID = ? AND V = 10",
                "SELECT V FROM T WHERE ID = ? OR V = 10",
                "SELECT V FROM T WHERE ID = ? AND ID = ?",
                "SELECT V FROM T WHERE ID >= ?",
                "SELECT V FROM T WHERE ID IS NOT DISTINCT FROM ?",
                "SELECT V FROM T WHERE ID = ? + 1",
                "SELECT V FROM T WHERE ID + 0 = ?",
                "SELECT V FROM T WHERE ID = 1",
                "SELECT V FROM T WHERE ID IN (?, ?)",
                "SELECT V FROM T WHERE (ID, V) = (?, ?)",
                "SELECT V FROM T",
                "DELETE FROM T",
                "UPDATE T SET V = 1 WHERE V = ?"
            })
    void everyOtherConditionIsAsked(String sql) {
        assertThat(ExactKey.of(read(sql))).isSameAs(ExactKey.NONE);
    }

    private static List<@Nullable Object> numbers() {
        return Arrays.asList(
                1,
                2L,
                (short) 3,
                (byte) 1,
                4,
                -1,
                1L << 32 | 1,
                Long.MAX_VALUE,
                1.5,
                1.0,
                Double.NaN,
                new BigDecimal("1.0"),
                new BigDecimal("1.4"),
                "1",
                " 2 ",
                "2.5",
                "x",
                true,
                null);
    }

    /** The same answers as from plain H2, also of numbers that are rounded on the way to the index. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT ID, V FROM T WHERE ID = ?",
                "SELECT ID, V FROM S WHERE ID = ?",
                "SELECT ID, V FROM B WHERE ? = ID",
                "SELECT ID / 0 FROM T WHERE ID = ?",
                "SELECT COUNT(*), MAX(V) FROM T WHERE ID = ?",
                "UPDATE T SET V = V + 1 WHERE ID = ?",
                "UPDATE T SET ID = ID + 10 WHERE ID = ?",
                "UPDATE S SET V = 1 / (V - V) WHERE ID = ?",
                "DELETE FROM B WHERE ID = ?"
            })
    void theAnswersAreH2s(String sql) throws SQLException {
        try (Connection plain = DriverManager.getConnection("jdbc:h2:mem:")) {
            make(plain);
            assertThat(answers(connection, sql)).isEqualTo(answers(plain, sql));
        }
    }

    private static List<String> answers(Connection from, String sql) throws SQLException {
        List<String> answers = new ArrayList<>();
        try (PreparedStatement statement = from.prepareStatement(sql)) {
            for (Object number : numbers()) {
                statement.setObject(1, number);
                answers.add(number + ": " + answer(statement));
            }
        }
        try (Statement statement = from.createStatement()) {
            for (String table : List.of("T", "S", "B")) {
                answers.add(rows(statement.executeQuery("SELECT ID, V FROM " + table + " ORDER BY ID")));
            }
        }
        return answers;
    }

    private static String answer(PreparedStatement statement) {
        try {
            return statement.execute() ? rows(statement.getResultSet()) : statement.getUpdateCount() + " changed";
        } catch (SQLException e) {
            return e.getSQLState() + " " + e.getErrorCode();
        }
    }

    private static String rows(ResultSet found) throws SQLException {
        StringBuilder text = new StringBuilder();
        while (found.next()) {
            for (int i = 1; i <= found.getMetaData().getColumnCount(); i++) {
                text.append(found.getString(i)).append(' ');
            }
            text.append('|');
        }
        return text.toString();
    }
}
