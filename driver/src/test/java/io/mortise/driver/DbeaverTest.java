package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** What the page about DBeaver says, and the calls that DBeaver makes. */
@Timeout(120)
final class DbeaverTest {
    private static final Path FOLDER = Path.of("..", "examples", "dbeaver");

    private static Element driver() throws Exception {
        return (Element) Objects.requireNonNull(DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(FOLDER.resolve("drivers.xml").toFile())
                .getElementsByTagName("driver")
                .item(0));
    }

    private static Map<String, String> named(Element driver, String tag) {
        Map<String, String> values = new TreeMap<>();
        NodeList elements = driver.getElementsByTagName(tag);
        for (int i = 0; i < elements.getLength(); i++) {
            Element element = (Element) Objects.requireNonNull(elements.item(i));
            values.put(element.getAttribute("name"), element.getAttribute("value"));
        }
        return values;
    }

    private static String quoted(String start) throws Exception {
        Matcher block = Pattern.compile("```\n(" + Pattern.quote(start) + "\\S*)\n```")
                .matcher(Files.readString(FOLDER.resolve("README.md")));
        assertThat(block.find())
                .as("the page quotes a URL that begins with " + start)
                .isTrue();
        return Objects.requireNonNull(block.group(1));
    }

    private static String run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return Integer.toString(statement.getUpdateCount());
            }
            try (ResultSet result = statement.getResultSet()) {
                return result.next() ? String.valueOf(result.getString(1)) : "";
            }
        }
    }

    @Test
    void thePagesUrlsAndTheDefinitionReachABlockedSessionFromASecondProcess() throws Exception {
        Element driver = driver();
        String application = quoted("jdbc:mortise:mem:").replace(":9092", ":0");
        try (Connection holder = DriverManager.getConnection(application, "sa", "");
                Connection waiter = DriverManager.getConnection(application + ";LOCK_TIMEOUT=60000", "sa", "");
                OtherProcess dbeaver = OtherProcess.start();
                Background thread = new Background("waiter")) {
            WaitWitness witness = WaitWitness.over(holder);
            String port = run(holder, "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'")
                    .substring("tcp:".length());
            String template = driver.getAttribute("url")
                    .replace("{host}", "localhost")
                    .replace("[:{port}]", ":" + driver.getAttribute("port"))
                    .replace("{database}", "mem:shop");
            assertThat(quoted("jdbc:mortise:h2:tcp:")).isEqualTo(template);
            StringBuilder url = new StringBuilder(template.replace(":9092", ":" + port));
            named(driver, "property")
                    .forEach((key, value) ->
                            url.append(';').append(key).append('=').append(value));
            run(holder, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            run(holder, "INSERT INTO T VALUES (1, 0)");
            holder.setAutoCommit(false);
            run(holder, "UPDATE T SET V = 1");
            Future<String> waits = thread.starts(() -> run(waiter, "UPDATE T SET V = 2"));
            witness.awaitNext();

            assertThat(dbeaver.connect("main", url.toString())).isEqualTo("= ");
            assertThat(dbeaver.run("main", "SELECT COUNT(*) FROM IPE_ALLLOCKS WHERE STATUS = 'PENDING'"))
                    .isEqualTo("= 1");
            Map<String, String> parameters = named(driver, "parameter");
            assertThat(dbeaver.run("main", parameters.getOrDefault("query-get-active-db", "")))
                    .isEqualTo("= PUBLIC");
            dbeaver.run(
                    "main", parameters.getOrDefault("query-set-active-db", "").replace("?", "SYS"));
            assertThat(dbeaver.run("main", "SELECT COUNT(*) > 0 FROM BLOCKING_TREE"))
                    .isEqualTo("= TRUE");
            assertThat(((Driver) Class.forName(driver.getAttribute("class"))
                                    .getDeclaredConstructor()
                                    .newInstance())
                            .acceptsURL(url.toString()))
                    .isTrue();
            dbeaver.close("main");
            holder.commit();
            assertThat(Background.result(waits)).isEqualTo("1");
        }
    }

    @Test
    @DisplayName("42, 43, 44, 48, 49, 50 the calls of Main and Metadata run side by side")
    void theCallsOfMainAndMetadataRunSideBySide() throws Exception {
        Properties properties = new Properties();
        properties.setProperty("user", "sa");
        String url = "jdbc:mortise:mem:" + UUID.randomUUID();
        try (Connection main = DriverManager.getConnection(url, properties);
                Connection metadata = DriverManager.getConnection(url, properties);
                Background editor = new Background("Main");
                Background tree = new Background("Metadata")) {
            run(main, "CREATE TABLE T(ID INT PRIMARY KEY, V INT, C CLOB)");
            run(main, "INSERT INTO T SELECT X, X, REPEAT('text', 1000) FROM SYSTEM_RANGE(1, 500)");

            Future<List<String>> browsed = tree.starts(() -> browse(metadata));
            Future<Clob> fetched = editor.starts(() -> fetch(main));

            assertThat(Background.result(browsed))
                    .contains("SYS", "PUBLIC", "VIEW IPE_ALLLOCKS", "VIEW IPE_CURSESSIONS", "VIEW LOCK_WAITS");
            Clob cell = Background.result(fetched);
            assertThat(Background.result(tree.starts(() -> cell.length() + " " + cell.getSubString(3997, 4))))
                    .as("a cell, too large to be kept in its row, that another thread reads when its result is closed")
                    .isEqualTo("4000 text");
            assertThat(run(main, "SELECT COUNT(*) FROM IPE_CURSESSIONS WHERE CLIENT_INFO = 'DBeaver 26.0 - Main'"))
                    .isEqualTo("1");
        }
    }

    /** Fetches as the editor does, and returns a cell of the last row. */
    private static Clob fetch(Connection main) throws SQLException {
        main.setClientInfo("ApplicationName", "DBeaver 26.0 - Main");
        main.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        main.setAutoCommit(true);
        try (Statement statement = main.createStatement()) {
            statement.setMaxRows(200);
            statement.setFetchSize(200);
            ResultSet rows = statement.executeQuery("SELECT * FROM T");
            int count = 0;
            Clob cell = main.createClob();
            while (rows.next()) {
                cell = rows.getClob("C");
                assertThat(main.isValid(1)).isTrue();
                count++;
            }
            assertThat(count).isEqualTo(200);
            return cell;
        }
    }

    private static List<String> browse(Connection connection) throws SQLException {
        DatabaseMetaData data = connection.getMetaData();
        assertThat(data.getDatabaseMajorVersion()).isEqualTo(2);
        assertThat(data.supportsTransactionIsolationLevel(Connection.TRANSACTION_SERIALIZABLE))
                .isTrue();
        List<String> seen = new ArrayList<>(column(data.getSchemas(null, "%"), "TABLE_SCHEM"));
        assertThat(column(data.getTableTypes(), "TABLE_TYPE")).contains("VIEW");
        try (ResultSet tables = data.getTables(null, "SYS", "%", null)) {
            while (tables.next()) {
                assertThat(tables.getString("REMARKS")).isNotEmpty();
                seen.add(tables.getString("TABLE_TYPE") + " " + tables.getString("TABLE_NAME"));
            }
        }
        for (String schema : List.of("SYS", "PUBLIC")) {
            assertThat(column(data.getColumns(null, schema, "%", "%"), "COLUMN_NAME"))
                    .isNotEmpty();
        }
        column(data.getTypeInfo(), "TYPE_NAME");
        column(data.getCatalogs(), "TABLE_CAT");
        assertThat(column(data.getPrimaryKeys(null, "PUBLIC", "T"), "COLUMN_NAME"))
                .containsExactly("ID");
        column(data.getImportedKeys(null, "PUBLIC", "T"), "FK_NAME");
        column(data.getExportedKeys(null, "PUBLIC", "T"), "FK_NAME");
        column(data.getIndexInfo(null, "PUBLIC", "T", false, true), "INDEX_NAME");
        column(data.getProcedures(null, "PUBLIC", "%"), "PROCEDURE_NAME");
        column(data.getProcedureColumns(null, "PUBLIC", "%", "%"), "COLUMN_NAME");
        assertThat(column(data.getClientInfoProperties(), "NAME")).contains("ApplicationName");
        for (String view : List.of("TABLE_CONSTRAINTS", "CHECK_CONSTRAINTS", "VIEWS", "SEQUENCES", "ROUTINES")) {
            run(connection, "SELECT COUNT(*) FROM INFORMATION_SCHEMA." + view);
        }
        return seen;
    }

    private static List<String> column(ResultSet rows, String name) throws SQLException {
        List<String> values = new ArrayList<>();
        try (rows) {
            while (rows.next()) {
                values.add(String.valueOf(rows.getString(name)));
            }
        }
        return values;
    }

    @Test
    @DisplayName("47 the stop button cancels and closes")
    void theStopButtonCancelsAndCloses() throws Exception {
        String url = "jdbc:mortise:mem:" + UUID.randomUUID();
        try (Connection holder = DriverManager.getConnection(url);
                Connection main = DriverManager.getConnection(url + ";LOCK_TIMEOUT=60000");
                Background editor = new Background("Main");
                Background stop = new Background("Stop")) {
            run(holder, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            run(holder, "INSERT INTO T VALUES (1, 0)");
            holder.setAutoCommit(false);
            run(holder, "UPDATE T SET V = 1");
            WaitWitness witness = WaitWitness.over(holder);
            Statement statement = main.createStatement();
            Future<Integer> update = editor.starts(() -> statement.executeUpdate("UPDATE T SET V = 2"));
            witness.awaitNext();

            stop.does(() -> {
                statement.cancel();
                statement.close();
                return true;
            });

            assertThat(Background.failure(update).getSQLState()).isEqualTo("57014");
            assertThat(run(main, "SELECT 1")).isEqualTo("1");
            holder.rollback();
        }
    }

    @Test
    @DisplayName("45, 46 a busy editor holds the tree up only if they share a connection")
    void aBusyEditorHoldsTheTreeUpOnlyIfTheyShareAConnection() throws Exception {
        String url = "jdbc:mortise:mem:" + UUID.randomUUID() + ";SESSION_BUSY=WAIT;LOCK_TIMEOUT=60000";
        try (Connection holder = DriverManager.getConnection(url);
                Connection shared = DriverManager.getConnection(url);
                Connection metadata = DriverManager.getConnection(url);
                Background editor = new Background("editor");
                Background second = new Background("second editor")) {
            run(holder, "CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            run(holder, "INSERT INTO T VALUES (1, 0)");
            holder.setAutoCommit(false);
            run(holder, "UPDATE T SET V = 1");
            WaitWitness witness = WaitWitness.over(holder);
            Future<String> update = editor.starts(() -> run(shared, "UPDATE T SET V = V + 1"));
            witness.awaitNext();
            Future<String> queued = second.starts(() -> run(shared, "SELECT V FROM T"));

            assertThat(browse(metadata)).contains("PUBLIC");
            holder.commit();

            assertThat(Background.result(update)).isEqualTo("1");
            assertThat(Background.result(queued)).isEqualTo("2");
        }
    }
}
