package io.mortise.compat.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.StringJoiner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What DBeaver does when it connects to PostgreSQL, opens the tree, edits a row and closes again: each answer is that
 * of pgjdbc, and our tables stand beside the server's.
 */
@Timeout(180)
final class DbeaverTest {
    /** In the way of its PostgreSQL extension: by the catalogue, and not by metadata. */
    private static final List<String> CATALOGUE = List.of(
            "SELECT current_schema(), session_user",
            "SHOW search_path",
            "SELECT name, setting FROM pg_catalog.pg_settings WHERE name = 'standard_conforming_strings'",
            "SELECT db.oid, db.datname, db.encoding FROM pg_catalog.pg_database db WHERE datallowconn AND NOT datistemplate"
                    + " ORDER BY db.datname",
            "SELECT n.oid, n.nspname, d.description FROM pg_catalog.pg_namespace n LEFT OUTER JOIN pg_catalog.pg_description d"
                    + " ON d.objoid = n.oid AND d.objsubid = 0 AND d.classoid = 'pg_namespace'::regclass ORDER BY n.nspname",
            "SELECT c.oid, c.relname, c.relkind, pg_catalog.pg_table_size(c.oid) FROM pg_catalog.pg_class c"
                    + " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind NOT IN ('i', 'I', 'c') ORDER BY 2",
            "SELECT a.attname, a.attnum, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) FROM pg_catalog.pg_attribute a"
                    + " LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON a.attrelid = ad.adrelid AND a.attnum = ad.adnum"
                    + " WHERE a.attrelid = 'public.bill'::regclass AND NOT a.attisdropped ORDER BY a.attnum",
            "SELECT con.conname, con.contype, pg_catalog.pg_get_constraintdef(con.oid) FROM pg_catalog.pg_constraint con"
                    + " WHERE con.conrelid = 'public.bill'::regclass ORDER BY 1",
            "SELECT t.typname, t.typcategory FROM pg_catalog.pg_type t WHERE t.typname IN ('int4', 'text', '_int4') ORDER BY 1",
            "SELECT r.rolname, r.rolsuper FROM pg_catalog.pg_roles r ORDER BY r.rolname",
            "EXPLAIN (FORMAT JSON) SELECT * FROM bill WHERE id = 1");

    private String ours = "";
    private String theirs = "";

    @BeforeEach
    void twoTables() throws SQLException {
        ours = Driver.MORTISE.freshDatabase();
        theirs = ours.replace("jdbc:mortise:", "jdbc:");
        try (Connection connection = Driver.connect(theirs)) {
            Driver.run(connection, "CREATE TABLE customer(id INT PRIMARY KEY, name VARCHAR(20) UNIQUE)");
            Driver.run(
                    connection,
                    "CREATE TABLE bill(id INT PRIMARY KEY, customer INT REFERENCES customer, total NUMERIC DEFAULT 0)");
            Driver.run(connection, "INSERT INTO customer VALUES (1, 'A')");
            Driver.run(connection, "INSERT INTO bill VALUES (1, 1), (2, 1)");
        }
    }

    private static Connection open(String url) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", "postgres");
        properties.setProperty("password", "");
        properties.setProperty("connectTimeout", "20");
        properties.setProperty("loginTimeout", "20");
        properties.setProperty("ApplicationName", "DBeaver - Main");
        return DriverManager.getConnection(url, properties);
    }

    @Test
    void theCatalogueIsReadAsByPgjdbc() throws SQLException {
        try (Connection one = open(ours);
                Connection other = open(theirs)) {
            for (String sql : CATALOGUE) {
                assertThat(query(one, sql)).as(sql).isEqualTo(query(other, sql));
            }
        }
    }

    private static List<String> query(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(200);
            statement.setMaxRows(200);
            statement.execute(sql);
            try (ResultSet rows = statement.getResultSet()) {
                return text(rows);
            }
        }
    }

    private static List<String> text(ResultSet rows) throws SQLException {
        List<String> lines = new ArrayList<>();
        while (rows.next()) {
            StringJoiner line = new StringJoiner(" | ");
            for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                line.add(rows.getMetaData().getColumnLabel(i) + "=" + rows.getString(i));
            }
            lines.add(line.toString());
        }
        return lines;
    }

    @Test
    void theMetadataOfTheUsersTablesIsThatOfPgjdbc() throws SQLException {
        try (Connection one = open(ours);
                Connection other = open(theirs)) {
            assertThat(metadata(one.getMetaData())).isEqualTo(metadata(other.getMetaData()));
        }
    }

    private static List<List<String>> metadata(DatabaseMetaData data) throws SQLException {
        return List.of(
                List.of(
                        data.getDatabaseProductName(),
                        data.getDatabaseProductVersion(),
                        data.getIdentifierQuoteString()),
                text(data.getCatalogs()),
                text(data.getTableTypes()),
                text(data.getTypeInfo()),
                text(data.getTables(null, "public", "%", new String[] {"TABLE", "VIEW", "PARTITIONED TABLE"})),
                text(data.getColumns(null, "public", "%", "%")),
                text(data.getPrimaryKeys(null, "public", "bill")),
                text(data.getImportedKeys(null, "public", "bill")),
                text(data.getExportedKeys(null, "public", "customer")),
                text(data.getIndexInfo(null, "public", "bill", false, true)),
                text(data.getProcedures(null, "public", "%")),
                text(data.getFunctions(null, "public", "%")),
                text(data.getTablePrivileges(null, "public", "bill")));
    }

    @Test
    void ourTablesStandInTheTreeAndOpenLikeAnyOther() throws SQLException {
        try (Connection connection = open(ours)) {
            DatabaseMetaData data = connection.getMetaData();
            assertThat(text(data.getSchemas())).anyMatch(line -> line.contains("TABLE_SCHEM=sys"));
            assertThat(text(data.getTables(null, "sys", "locks", null)))
                    .singleElement()
                    .asString()
                    .contains("TABLE_TYPE=SYSTEM VIEW", "REMARKS=Every lock");
            // As a double click does.
            assertThat(query(connection, "SELECT x.* FROM sys.sessions x WHERE state = 'RUNNING'"))
                    .singleElement()
                    .asString()
                    .contains("client_info=DBeaver - Main");
        }
    }

    @Test
    void aRowIsEditedInATransactionTakenBackAndEditedAgain() throws SQLException {
        try (Connection connection = open(ours)) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
            try (PreparedStatement change = connection.prepareStatement("UPDATE public.bill SET total=? WHERE id=?")) {
                change.setBigDecimal(1, java.math.BigDecimal.TEN);
                change.setInt(2, 1);
                assertThat(change.executeUpdate()).isOne();
                connection.rollback();
                assertThat(change.executeUpdate()).isOne();
                connection.commit();
            }
            connection.setAutoCommit(true);
            assertThat(connection.isValid(5)).isTrue();
            assertThat((Object) connection.getWarnings()).isNull();
            assertThat(query(connection, "SELECT total FROM public.bill ORDER BY id"))
                    .containsExactly("total=10", "total=0");
        }
    }
}
