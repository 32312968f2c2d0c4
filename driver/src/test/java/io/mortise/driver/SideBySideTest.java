package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.BatchUpdateException;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the driver answers is what plain H2 answers, but where docs/differences-from-h2.md says otherwise. */
@Timeout(60)
class SideBySideTest {
    /** Cases in which the two differ, with the words of the page that say so. */
    private static final Map<String, String> MEANT = Map.of(
            "metadata: schemas", "`SYS` and `SYSTEM`",
            "metadata: who it is", "names the driver",
            "settings: an unknown one", "08001",
            "statements: query timeout", "query timeout");

    /** Something done with a connection; what is seen is noted. */
    private interface Scene {
        void play(Connection connection, List<String> seen) throws SQLException;
    }

    private record Case(String name, Scene scene) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        return Stream.of(statements(), keys(), results(), transactions(), definitions())
                .flatMap(List::stream);
    }

    private static List<Case> statements() {
        return List.of(
                new Case("statements: counts", (c, seen) -> {
                    Statement s = c.createStatement();
                    seen.add(s.execute("UPDATE T SET V = V") + " " + s.getUpdateCount() + " " + s.getMoreResults() + " "
                            + s.getUpdateCount());
                    seen.add(
                            s.execute("SELECT * FROM T") + " " + s.getUpdateCount() + " " + (s.getResultSet() != null));
                    seen.add(
                            s.executeUpdate("CREATE TABLE Q AS SELECT * FROM T") + " " + s.executeUpdate("SET @X = 1"));
                    seen.add(s.executeLargeUpdate("DELETE FROM Q") + " " + s.getLargeUpdateCount());
                }),
                new Case("statements: the wrong call", (c, seen) -> {
                    Statement s = c.createStatement();
                    seen.add(error(() -> s.executeQuery("UPDATE T SET V = 1")));
                    seen.add(error(() -> s.executeUpdate("SELECT 1")));
                    seen.add(error(() -> s.execute("SELEKT")));
                    seen.add(error(() -> s.execute("SELECT * FROM NONE")));
                    seen.add(error(() -> s.execute("INSERT INTO T VALUES (1, 1)")));
                    seen.add(error(() -> s.execute("SELECT 1 / 0")));
                    seen.add(error(() -> s.execute("SELECT CAST('x' AS INT)")));
                    seen.add(error(() -> s.setMaxRows(-1)));
                    s.close();
                    seen.add(error(() -> s.execute("SELECT 1")) + s.isClosed());
                }),
                new Case("statements: query timeout", (c, seen) -> {
                    Statement first = c.createStatement();
                    first.setQueryTimeout(7);
                    seen.add(first.getQueryTimeout() + " " + c.createStatement().getQueryTimeout());
                }),
                new Case("statements: a list", (c, seen) -> {
                    Statement s = c.createStatement();
                    seen.add(s.execute("UPDATE T SET V = 5 WHERE ID = 1; DELETE FROM T") + " " + s.getUpdateCount());
                    seen.add(rows(c, "SELECT COUNT(*) FROM T"));
                }),
                new Case("prepared: parameters", (c, seen) -> {
                    PreparedStatement p = c.prepareStatement("SELECT ID, ? || 'x', CAST(? AS INT) FROM T WHERE ID = ?");
                    seen.add(error(p::executeQuery));
                    p.setString(1, "a");
                    p.setInt(2, 4);
                    p.setLong(3, 2);
                    seen.add(rows(p.executeQuery()));
                    seen.add(p.getParameterMetaData().getParameterCount() + " "
                            + p.getMetaData().getColumnCount());
                    seen.add(error(() -> p.setInt(9, 1)) + error(() -> p.execute("SELECT 1")));
                    p.clearParameters();
                    seen.add(error(p::executeQuery));
                }),
                new Case("batch: prepared, with a failure", (c, seen) -> {
                    PreparedStatement p = c.prepareStatement("INSERT INTO T VALUES (?, 0)");
                    for (int id : new int[] {7, 1, 8}) {
                        p.setInt(1, id);
                        p.addBatch();
                    }
                    seen.add(batch(p) + rows(c, "SELECT ID FROM T ORDER BY ID"));
                    seen.add(Arrays.toString(p.executeBatch()));
                }),
                new Case("batch: plain, and cleared", (c, seen) -> {
                    Statement s = c.createStatement();
                    s.addBatch("INSERT INTO T VALUES (9, 9)");
                    s.addBatch("UPDATE T SET V = 1");
                    seen.add(Arrays.toString(s.executeBatch()) + Arrays.toString(s.executeBatch()));
                    s.addBatch("SELECT 1");
                    seen.add(batch(s));
                    s.addBatch("DELETE FROM T");
                    s.clearBatch();
                    seen.add(Arrays.toString(s.executeLargeBatch()) + rows(c, "SELECT COUNT(*) FROM T"));
                }));
    }

    private static List<Case> keys() {
        return List.of(new Case("keys: generated", (c, seen) -> {
            Statement s = c.createStatement();
            s.execute("CREATE TABLE G(ID BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, V INT, W INT DEFAULT 7)");
            s.executeUpdate("INSERT INTO G(V) VALUES (1), (2)", Statement.RETURN_GENERATED_KEYS);
            seen.add(rows(s.getGeneratedKeys()));
            s.executeUpdate("INSERT INTO G(V) VALUES (3)", new String[] {"W", "ID"});
            seen.add(rows(s.getGeneratedKeys()));
            s.executeUpdate("INSERT INTO G(V) VALUES (4)", Statement.NO_GENERATED_KEYS);
            seen.add(rows(s.getGeneratedKeys()));
            seen.add(error(() -> s.executeUpdate("INSERT INTO G(V) VALUES (5)", new int[] {9})));
        }));
    }

    private static List<Case> results() {
        return List.of(
                new Case("results: scrolling and updating", (c, seen) -> {
                    Statement s = c.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
                    ResultSet r = s.executeQuery("SELECT ID, V FROM T ORDER BY ID");
                    seen.add(
                            r.last() + " " + r.getRow() + " " + r.absolute(-2) + " " + r.getInt(1) + " " + r.isFirst());
                    r.updateInt("V", 44);
                    r.updateRow();
                    r.moveToInsertRow();
                    r.updateInt(1, 20);
                    r.insertRow();
                    r.moveToCurrentRow();
                    r.first();
                    r.deleteRow();
                    seen.add(r.rowDeleted() + rows(c, "SELECT * FROM T ORDER BY ID"));
                    seen.add(error(() -> r.getInt("NONE")) + error(() -> r.getInt(9)));
                }),
                new Case("results: forward only, closed, replaced", (c, seen) -> {
                    Statement s = c.createStatement();
                    ResultSet r = s.executeQuery("SELECT ID FROM T ORDER BY ID");
                    seen.add(error(() -> r.getInt(1)) + r.next() + r.getInt(1) + error(r::previous));
                    ResultSet second = s.executeQuery("SELECT 2");
                    seen.add(r.isClosed() + error(r::next) + second.next());
                    s.closeOnCompletion();
                    second.close();
                    seen.add(s.isClosed() + " " + error(second::next));
                }),
                new Case("lobs", (c, seen) -> {
                    c.createStatement().execute("CREATE TABLE L(ID INT, C CLOB, B BLOB)");
                    PreparedStatement p = c.prepareStatement("INSERT INTO L VALUES (1, ?, ?)");
                    p.setCharacterStream(1, new StringReader("x".repeat(200_000)));
                    p.setBytes(2, new byte[100_000]);
                    p.executeUpdate();
                    ResultSet r = c.createStatement().executeQuery("SELECT C, B FROM L");
                    r.next();
                    Clob clob = r.getClob(1);
                    seen.add(clob.length() + " " + clob.getSubString(199_999, 5) + " "
                            + r.getBlob(2).length());
                    Clob made = c.createClob();
                    made.setString(1, "abc");
                    p.setClob(1, made);
                    p.setNull(2, java.sql.Types.BLOB);
                    seen.add(p.executeUpdate() + rows(c, "SELECT LENGTH(C), B FROM L ORDER BY 1"));
                    made.free();
                    seen.add(error(made::length));
                }),
                new Case("metadata: tables, columns, keys", (c, seen) -> {
                    DatabaseMetaData m = c.getMetaData();
                    seen.add(rows(m.getTables(null, "PUBLIC", "%", new String[] {"BASE TABLE"})));
                    seen.add(rows(m.getColumns(null, "PUBLIC", "T", "%")));
                    seen.add(rows(m.getPrimaryKeys(null, "PUBLIC", "T")));
                    seen.add(rows(m.getIndexInfo(null, "PUBLIC", "T", true, false))
                            .replaceAll("_[0-9A-F]+\\b", "_#"));
                    seen.add(rows(m.getTypeInfo()) + rows(m.getTableTypes()));
                }),
                new Case(
                        "metadata: schemas",
                        (c, seen) -> seen.add(rows(c.getMetaData().getSchemas()).replaceAll("[0-9A-F-]{36}", "#"))),
                new Case("metadata: who it is", (c, seen) -> {
                    DatabaseMetaData m = c.getMetaData();
                    seen.add(m.getDatabaseProductName() + m.getDatabaseProductVersion() + " " + m.getDriverName());
                    seen.add(m.getMaxConnections() + " " + m.supportsBatchUpdates() + m.getIdentifierQuoteString());
                }));
    }

    private static List<Case> transactions() {
        return List.of(
                new Case("savepoints", (c, seen) -> {
                    seen.add(error(() -> c.setSavepoint().getSavepointName()));
                    c.setAutoCommit(false);
                    Savepoint named = c.setSavepoint("HERE");
                    c.createStatement().executeUpdate("DELETE FROM T");
                    Savepoint later = c.setSavepoint();
                    c.rollback(named);
                    seen.add(rows(c, "SELECT COUNT(*) FROM T")
                            + named.getSavepointName()
                            + error(named::getSavepointId));
                    seen.add(error(() -> c.rollback(later)));
                    c.releaseSavepoint(named);
                    seen.add(error(() -> c.rollback(named)));
                    c.rollback();
                }),
                new Case("transactions: commit, roll back, autocommit", (c, seen) -> {
                    c.setAutoCommit(false);
                    Statement s = c.createStatement();
                    s.executeUpdate("UPDATE T SET V = 9");
                    c.rollback();
                    s.executeUpdate("UPDATE T SET V = V + 1 WHERE ID = 1");
                    c.setAutoCommit(true);
                    c.rollback();
                    seen.add(rows(c, "SELECT * FROM T ORDER BY ID") + c.getAutoCommit());
                    for (int level : new int[] {1, 2, 4, 8}) {
                        c.setTransactionIsolation(level);
                        seen.add(c.getTransactionIsolation() + " ");
                    }
                    seen.add(error(() -> c.setTransactionIsolation(3)));
                    seen.add(c.getHoldability() + " " + c.getCatalog().isEmpty() + c.getSchema() + c.isReadOnly());
                }),
                new Case("connection: closed", (c, seen) -> {
                    Statement s = c.createStatement();
                    c.close();
                    c.close();
                    seen.add(c.isClosed() + " " + c.isValid(0) + s.isClosed());
                    seen.add(error(c::createStatement) + error(c::commit) + error(() -> s.execute("SELECT 1")));
                }),
                new Case("locks: no wait", (c, seen) -> {
                    seen.add(
                            rows(
                                    c,
                                    "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'DEFAULT_LOCK_TIMEOUT'"));
                    c.createStatement().execute("SET LOCK_TIMEOUT 0");
                    String url = "jdbc:" + (c.isWrapperFor(MortiseConnection.class) ? "mortise" : "h2") + ":mem:"
                            + c.getCatalog().toLowerCase(java.util.Locale.ROOT);
                    try (Connection other = DriverManager.getConnection(url)) {
                        other.setAutoCommit(false);
                        other.createStatement().executeUpdate("UPDATE T SET V = 0 WHERE ID = 1");
                        seen.add(error(() -> c.createStatement().executeUpdate("UPDATE T SET V = 1 WHERE ID = 1")));
                        try (Connection meanwhile = DriverManager.getConnection(url)) {
                            seen.add(error(() -> meanwhile
                                    .createStatement()
                                    .execute("SELECT ID FROM T WHERE ID = 1 FOR UPDATE NOWAIT")));
                        }
                        other.rollback();
                    }
                }));
    }

    private static List<Case> definitions() {
        return List.of(
                new Case("definitions", (c, seen) -> {
                    Statement s = c.createStatement();
                    for (String sql : List.of(
                            "CREATE TABLE T(ID INT)",
                            "ALTER TABLE T ADD COLUMN W VARCHAR DEFAULT 'w'",
                            "CREATE INDEX I ON T(V)",
                            "CREATE VIEW VW AS SELECT ID, W FROM T",
                            "ALTER TABLE T DROP COLUMN W",
                            "DROP TABLE T RESTRICT",
                            "ALTER TABLE T RENAME TO U",
                            "CREATE SEQUENCE S START WITH 5",
                            "CREATE SCHEMA SC",
                            "CREATE TABLE SC.X(I INT REFERENCES U(ID))",
                            "INSERT INTO SC.X VALUES (99)",
                            "TRUNCATE TABLE U",
                            "DROP SCHEMA SC",
                            "DROP SCHEMA SC CASCADE",
                            "CREATE USER BOB PASSWORD 'x'",
                            "GRANT SELECT ON U TO BOB",
                            "DROP USER BOB",
                            "COMMENT ON TABLE U IS 'c'",
                            "DROP TABLE NONE")) {
                        seen.add(sql + ": " + error(() -> s.execute(sql)));
                    }
                    seen.add(error(() -> rows(c, "SELECT * FROM VW")) + rows(c, "SELECT NEXT VALUE FOR S"));
                }),
                new Case("functions and triggers", (c, seen) -> {
                    Statement s = c.createStatement();
                    s.execute(
                            "CREATE ALIAS REV AS 'String rev(String s) { return new StringBuilder(s).reverse().toString(); }'");
                    CallableStatement call = c.prepareCall("{? = call REV(?)}");
                    call.registerOutParameter(1, java.sql.Types.VARCHAR);
                    call.setString(2, "abc");
                    call.execute();
                    seen.add(call.getString(1) + rows(c, "CALL REV('xy')"));
                    s.execute(
                            "CREATE ALIAS BAD AS 'int bad() throws Exception { throw new java.sql.SQLException(\"mine\", \"45000\", 17); }'");
                    seen.add(error(() -> s.execute("CALL BAD()")));
                }),
                new Case(
                        "settings: an unknown one",
                        (c, seen) -> seen.add(error(() -> DriverManager.getConnection(
                                "jdbc:" + (c.isWrapperFor(MortiseConnection.class) ? "mortise" : "h2")
                                        + ":mem:x;NO_SUCH=1")))));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bothAnswerAlikeUnlessThePageSaysOtherwise(Case which) throws Exception {
        List<String> plain = play("jdbc:h2:mem:", which);
        List<String> ours = play("jdbc:mortise:mem:", which);

        if (MEANT.containsKey(which.name())) {
            assertThat(ours).as("the page says that they differ").isNotEqualTo(plain);
        } else {
            assertThat(ours).isEqualTo(plain);
        }
    }

    @Test
    void everyDifferenceThatIsMeantIsOnThePage() throws Exception {
        assertThat(Files.readString(Path.of("../docs/differences-from-h2.md"))).contains(MEANT.values());
    }

    private static List<String> play(String prefix, Case which) throws SQLException {
        List<String> seen = new ArrayList<>();
        String url = prefix + "side" + UUID.randomUUID().toString().replace("-", "") + ";DB_CLOSE_DELAY=0";
        try (Connection keeper = DriverManager.getConnection(url);
                Connection connection = DriverManager.getConnection(url);
                Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            statement.execute("INSERT INTO T VALUES (1, 10), (2, 20), (3, 30)");
            which.scene.play(connection, seen);
        }
        return seen.stream()
                .map(line -> line.replaceAll("(?i)side[0-9a-f]{32}", "side"))
                .toList();
    }

    private interface Call {
        void run() throws SQLException;
    }

    /** SQLState, code and class of JDBC; not the words, which may say more here. */
    private static String error(Call call) {
        try {
            call.run();
            return "ok ";
        } catch (SQLException e) {
            return e.getSQLState() + "/" + e.getErrorCode() + " ";
        }
    }

    private static String batch(Statement statement) throws SQLException {
        try {
            return Arrays.toString(statement.executeBatch());
        } catch (BatchUpdateException e) {
            return Arrays.toString(e.getUpdateCounts()) + e.getSQLState() + "/" + e.getErrorCode();
        }
    }

    private static String rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return rows(result);
        }
    }

    private static String rows(ResultSet result) throws SQLException {
        StringJoiner rows = new StringJoiner("; ", "[", "]");
        while (result.next()) {
            StringJoiner row = new StringJoiner(",");
            for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                row.add(result.getString(i));
            }
            rows.add(row.toString());
        }
        return rows.toString();
    }
}
