package io.mortise.compat.tools;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.compat.kit.Database;
import io.mortise.compat.kit.WorksWith;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import schemacrawler.schema.Catalog;
import schemacrawler.schema.Table;
import schemacrawler.schemacrawler.SchemaCrawlerOptionsBuilder;
import schemacrawler.tools.utility.SchemaCrawlerUtility;
import sqlline.SqlLine;
import us.fatehi.utility.datasource.DatabaseConnectionSources;

/** Tools that read the catalogue through DatabaseMetaData. */
@WorksWith(
        client = "SchemaCrawler",
        from = Catalog.class,
        tried = "the whole catalogue: keys, foreign keys, the lock tables and their remarks")
@WorksWith(client = "sqlline", from = SqlLine.class, tried = "`!tables`, `!columns`, queries")
@Timeout(120)
final class CatalogueItemsTest {
    @SuppressWarnings("NullAway.Init")
    private Database database;

    @BeforeEach
    void open() throws Exception {
        database = new Database();
        database.run("CREATE TABLE CUSTOMER(ID INT PRIMARY KEY, NAME VARCHAR(20) UNIQUE)");
        database.run("CREATE TABLE BILL(ID INT PRIMARY KEY, CUSTOMER INT REFERENCES CUSTOMER)");
    }

    @AfterEach
    void close() throws Exception {
        database.close();
    }

    @Test
    @DisplayName("43 SchemaCrawler sees tables, keys, and the lock tables with their remarks")
    void schemaCrawlerReadsTheCatalogue() {
        Catalog catalog = SchemaCrawlerUtility.getCatalog(
                DatabaseConnectionSources.fromDataSource(database.dataSource("")),
                SchemaCrawlerOptionsBuilder.newSchemaCrawlerOptions());

        assertThat(catalog.getTables()).extracting(Table::getName).contains("IPE_ALLLOCKS", "LOCK_WAITS");
        Table locks = table(catalog, "IPE_ALLLOCKS");
        assertThat(locks.getTableType().getTableType()).isEqualTo("VIEW");
        assertThat(locks.getRemarks()).isNotEmpty();
        assertThat(table(catalog, "CUSTOMER").getPrimaryKey().getConstrainedColumns())
                .hasSize(1);
        assertThat(table(catalog, "BILL").getImportedForeignKeys())
                .singleElement()
                .satisfies(key -> assertThat(key.getPrimaryKeyTable().getName()).isEqualTo("CUSTOMER"));
    }

    private static Table table(Catalog catalog, String name) {
        List<Table> found = catalog.getTables().stream()
                .filter(table -> table.getName().equals(name))
                .toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    @Test
    @DisplayName("43 sqlline lists tables and columns, and runs a query")
    void sqllineListsAndRuns() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream output = new PrintStream(printed, true, StandardCharsets.UTF_8);
        SqlLine shell = new SqlLine();
        shell.setOutputStream(output);
        shell.setErrorStream(output);

        String script = "!tables\n!columns BILL\nSELECT COUNT(*) AS SESSIONS_SEEN FROM SYS.SESSIONS;\n!quit\n";
        String[] arguments = {"-u", database.url(), "-n", "sa", "-p", "", "--silent=true"};
        SqlLine.Status end =
                shell.begin(arguments, new ByteArrayInputStream(script.getBytes(StandardCharsets.UTF_8)), false);

        assertThat(printed.toString(StandardCharsets.UTF_8))
                .contains("IPE_ALLLOCKS", "CUSTOMER", "SESSIONS_SEEN")
                .doesNotContainIgnoringCase("Error:");
        assertThat(end).isEqualTo(SqlLine.Status.OK);
    }
}
