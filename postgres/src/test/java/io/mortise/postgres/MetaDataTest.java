package io.mortise.postgres;

import static io.mortise.postgres.TestServer.column;
import static io.mortise.postgres.TestServer.run;
import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a tool that browses a server finds of our tables, in the order in which DBeaver asks. */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class MetaDataTest {
    @Test
    void aToolFindsOurTablesBesideTheServersOwn() throws SQLException {
        try (Connection connection = TestServer.connect()) {
            run(connection, "CREATE TABLE BROWSED (ID INT PRIMARY KEY)");
            DatabaseMetaData about = connection.getMetaData();
            assertThat(all(about.getCatalogs(), 1)).contains("postgres");
            assertThat(all(about.getTableTypes(), 1)).contains("SYSTEM VIEW", "TABLE");
            assertThat(all(about.getSchemas(), 1))
                    .contains("public", "sys", "system")
                    .isSorted();
            assertThat(all(about.getSchemas(null, "s_s"), 1)).containsExactly("sys");
            assertThat(all(about.getTables(null, "sys", "%", null), 3)).contains("locks", "blocking_tree");
            assertThat(all(about.getTables(null, null, "%", new String[] {"TABLE"}), 3))
                    .contains("browsed")
                    .doesNotContain("lock_waits");
            assertThat(all(about.getTables(null, null, "lock\\_waits", null), 5))
                    .singleElement()
                    .asString()
                    .isNotEmpty();
            assertThat(all(about.getPrimaryKeys(null, "sys", "locks"), 4)).isEmpty();
            assertThat(all(about.getIndexInfo(null, "sys", "locks", false, true), 6))
                    .isEmpty();
            for (String table : all(about.getTables(null, "sys", "%", null), 3)) {
                assertThat(all(about.getColumns(null, "sys", table, "%"), 4))
                        .as(table)
                        .isEqualTo(columns(connection, "SELECT x.* FROM \"sys\".\"" + table + "\" x"));
            }
        }
    }

    @Test
    void whoMaySeeTheirOwnOnlyIsToldSoInTheRemarks() throws SQLException {
        try (Connection admin = TestServer.plain()) {
            TestServer.run(admin, "CREATE ROLE narrow LOGIN");
            try (Connection connection =
                    java.sql.DriverManager.getConnection(TestServer.url().replace("user=postgres", "user=narrow"))) {
                assertThat(all(connection.getMetaData().getTables(null, "sys", "sessions", null), 5))
                        .singleElement()
                        .asString()
                        .contains("pg_read_all_stats", "own sessions only");
            }
            TestServer.run(admin, "DROP ROLE narrow");
        }
    }

    @Test
    void aColumnHasItsTypeAndItsMeaning() throws SQLException {
        try (Connection connection = TestServer.connect();
                ResultSet column = connection.getMetaData().getColumns(null, "sys", "locks", "waited_ms")) {
            assertThat(column.next()).isTrue();
            assertThat(column.getInt("DATA_TYPE")).isEqualTo(Types.BIGINT);
            assertThat(column.getString("TYPE_NAME")).isEqualTo("int8");
            assertThat(column.getString("REMARKS")).isNotEmpty();
            assertThat(column.getInt("ORDINAL_POSITION")).isPositive();
            assertThat(column.next()).isFalse();
        }
    }

    @Test
    void explainOfOurTablesTellsTheirColumns() throws SQLException {
        try (Connection connection = TestServer.connect()) {
            assertThat(column(connection, "EXPLAIN IPE_ALLLOCKS")).contains("session", "row_key", "status");
            assertThat(column(connection, "EXPLAIN SELECT * FROM IPE_ALLLOCKS")).isNotEmpty();
        }
    }

    private static List<String> all(ResultSet rows, int column) throws SQLException {
        try (rows) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(String.valueOf(rows.getString(column)));
            }
            return found;
        }
    }

    private static List<String> columns(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> names = new ArrayList<>();
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                names.add(rows.getMetaData().getColumnName(i));
            }
            return names;
        }
    }
}
