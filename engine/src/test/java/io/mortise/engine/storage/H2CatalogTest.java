package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.policy.MvccPolicy;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.statement.Note;
import io.mortise.engine.virtual.Catalog;
import io.mortise.engine.virtual.VirtualFunction;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.engine.virtual.VirtualTableFunction;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class H2CatalogTest {
    private record Planet(long id, String name, Optional<Instant> seen) {}

    private final List<String> updates = new ArrayList<>();
    private @TempDir Path directory;
    private String url;
    private Connection admin;

    @BeforeEach
    void open() throws SQLException {
        url = "jdbc:h2:" + directory.resolve("db");
        admin = connect("SA", "");
    }

    @AfterEach
    void close() throws SQLException {
        admin.close();
    }

    private Connection connect(String user, String password) throws SQLException {
        OpeningOptions opening = new OpeningOptions(new MvccPolicy(1000), 0, 1000, storage -> catalog());
        return new StorageConnection(url, user, password, Map.of())
                .open(opening)
                .connection();
    }

    private Catalog catalog() {
        VirtualTable<Planet> planets = new VirtualTable<Planet>(
                        "SYS",
                        "PLANETS",
                        "Planets that were seen.",
                        reader -> Stream.of(
                                new Planet(1, "Mercury", Optional.of(Instant.EPOCH)),
                                new Planet(2, "Venus", Optional.empty())))
                .column("ID", "BIGINT", "Number from the sun.", Planet::id)
                .column("NAME", "VARCHAR", "What it is called.", Planet::name)
                .column("SEEN", "TIMESTAMP WITH TIME ZONE", "When first.", Planet::seen)
                .columnFor(
                        "READER",
                        "VARCHAR",
                        "Who asks.",
                        (row, reader) -> reader.user().text())
                .column("ABORT", "INTEGER", "Set it to end it.", row -> 0)
                .updatable((by, row, value) -> updates.add(by.user() + " " + row.name() + " " + value));
        VirtualFunction greet = new VirtualFunction(
                "SYS", "GREET", "Says hello.", 1, 2, "VARCHAR", (caller, arguments) -> "Hello " + arguments.get(0));
        VirtualTable<Planet> other = new VirtualTable<Planet>("SYSTEM", "MOONS", "None yet.", reader -> Stream.of())
                .column("ID", "BIGINT", "Number.", Planet::id);
        VirtualTable<Long> stars = new VirtualTable<Long>(
                        "SYS", "STARS", "Without end.", reader -> Stream.iterate(1L, id -> id + 1))
                .column("ID", "BIGINT", "Number.", id -> id)
                .column("LIGHT", "BIGINT", "Nobody may ask.", id -> {
                    throw new AssertionError("nobody has asked for it");
                });
        return new Catalog(
                List.of(planets, other, stars), List.of(greet), List.of(VirtualTableFunction.of(planets("F"))));
    }

    private static VirtualTable<Planet> planets(String name) {
        return new VirtualTable<Planet>(
                        "SYS",
                        name,
                        "The same as a function.",
                        reader -> Stream.of(new Planet(3, "Earth", Optional.empty())))
                .column("ID", "BIGINT", "Number from the sun.", Planet::id)
                .column("NAME", "VARCHAR", "What it is called.", Planet::name);
    }

    private static @Nullable Object read(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getObject(1) : null;
        }
    }

    private static int run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            return statement.executeUpdate(sql);
        }
    }

    @Test
    void aVirtualTableIsReadWithoutPrefixAndJoined() throws SQLException {
        assertThat(read(admin, "SELECT P.NAME FROM PLANETS P JOIN SYS.PLANETS Q ON P.ID = Q.ID WHERE Q.SEEN IS NULL"))
                .isEqualTo("Venus");
        assertThat(read(admin, "SELECT COUNT(*) FROM SYSTEM.MOONS")).isEqualTo(0L);
    }

    @Test
    void rowsAreMadeAsTheyAreReadAndValuesAsTheyAreAskedFor() throws SQLException {
        assertThat(read(admin, "SELECT MAX(ID) FROM (SELECT ID FROM STARS WHERE MOD(ID, 2) = 0 LIMIT 3)"))
                .isEqualTo(6L);
    }

    @Test
    void toolsSeeItAsAViewWithRemarks() throws SQLException {
        try (ResultSet tables = admin.getMetaData().getTables(null, "SYS", "PLANETS", new String[] {"VIEW"})) {
            assertThat(tables.next()).isTrue();
            assertThat(tables.getString("REMARKS")).isEqualTo("Planets that were seen.");
        }
        try (ResultSet columns = admin.getMetaData().getColumns(null, "SYS", "PLANETS", "SEEN")) {
            assertThat(columns.next()).isTrue();
            assertThat(columns.getString("REMARKS")).isEqualTo("When first.");
            assertThat(columns.getInt("DATA_TYPE")).isEqualTo(java.sql.Types.TIMESTAMP_WITH_TIMEZONE);
        }
    }

    @Test
    void aTableOfTheUsersOwnWins() throws SQLException {
        run(admin, "CREATE TABLE PLANETS(NAME VARCHAR)");

        assertThat(read(admin, "SELECT COUNT(*) FROM PLANETS")).isEqualTo(0L);
    }

    @Test
    void everybodyMayReadItOnEveryRoute() throws SQLException {
        run(admin, "CREATE USER BOB PASSWORD 'b'");

        try (Connection bob = DriverManager.getConnection(url, "BOB", "b")) {
            assertThat(read(bob, "SELECT READER FROM PLANETS")).isEqualTo("BOB");
            assertThat(read(bob, "SELECT GREET('Bob')")).isEqualTo("Hello Bob");
        }
    }

    @Test
    void itStaysOnAPathThatTheUserSets() throws SQLException {
        run(admin, "SET SCHEMA_SEARCH_PATH INFORMATION_SCHEMA");

        assertThat(read(admin, "SELECT NAME FROM PLANETS WHERE ID = 1")).isEqualTo("Mercury");
    }

    @Test
    void anUpdateReachesTheRowItWasMadeFrom() throws SQLException {
        int updated =
                run(admin, "UPDATE PLANETS SET ABORT = 2 WHERE ID IN (SELECT ID FROM PLANETS WHERE SEEN IS NULL)");

        assertThat(updated).isEqualTo(1);
        assertThat(updates).containsExactly("SA Venus 2");
    }

    @Test
    void whatAnUpdateHasReadIsForgottenWhenItIsOver() throws SQLException {
        run(admin, "UPDATE PLANETS SET ABORT = 2");
        assertThatThrownBy(() -> run(admin, "UPDATE PLANETS SET NAME = 'Pluto'"))
                .hasMessageStartingWith("SYS.PLANETS cannot be changed");

        StorageSession session = StorageConnection.session(admin).orElseThrow();
        Object table = session.storage().database().getSchema("SYS").getTableOrView(session.h2(), "PLANETS");
        assertThat(session.statements().noted((Note<?>) table)).isEmpty();
    }

    @Test
    void aColumnThatCanNotBeSetIsLeftAloneWithAllOthers() {
        assertThatThrownBy(() -> run(admin, "UPDATE PLANETS SET ABORT = 2, NAME = 'Pluto'"))
                .hasMessageStartingWith("SYS.PLANETS cannot be changed");
        assertThat(updates).isEmpty();
    }

    @Test
    void otherColumnsCanNotBeUpdated() {
        assertThatThrownBy(() -> run(admin, "UPDATE PLANETS SET NAME = 'x'")).isInstanceOf(SQLException.class);
        assertThatThrownBy(() -> run(admin, "DELETE FROM PLANETS")).isInstanceOf(SQLException.class);
        assertThat(updates).isEmpty();
    }

    @Test
    void functionsAreCalledAndSelectedFrom() throws SQLException {
        assertThat(read(admin, "CALL GREET('you')")).isEqualTo("Hello you");
        assertThat(read(admin, "SELECT NAME FROM F()")).isEqualTo("Earth");
        assertThatThrownBy(() -> read(admin, "CALL GREET()")).isInstanceOf(SQLException.class);
    }

    @Test
    void nothingOfItIsInTheFileAndAViewOfTheUsersOnItSurvives() throws SQLException {
        run(admin, "CREATE VIEW INNER_PLANETS AS SELECT NAME FROM SYS.PLANETS");
        run(admin, "CREATE TABLE T(ID INT)");
        run(admin, "CREATE USER IF NOT EXISTS SA2 PASSWORD '' ADMIN");
        admin.close();

        try (Connection plain = DriverManager.getConnection(url, "SA", "")) {
            assertThat(read(plain, "SELECT COUNT(*) FROM T")).isEqualTo(0L);
            assertThat(read(
                            plain,
                            "SELECT COUNT(*) FROM INFORMATION_SCHEMA.SCHEMATA WHERE SCHEMA_NAME IN ('SYS', 'SYSTEM')"))
                    .isEqualTo(0L);
            run(plain, "INSERT INTO T VALUES (1)");
        }
        admin = connect("SA", "");
        assertThat(read(admin, "SELECT COUNT(*) FROM INNER_PLANETS")).isEqualTo(2L);
        assertThat(read(admin, "SELECT COUNT(*) FROM T")).isEqualTo(1L);
    }

    @Test
    void aDatabaseThatPlainH2HasOpenIsNotJoined() throws SQLException {
        admin.close();
        try (Connection plain = DriverManager.getConnection(url, "SA", "")) {
            assertThatThrownBy(() -> connect("SA", ""))
                    .isInstanceOfSatisfying(
                            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("08001"));
            assertThat(plain.isValid(1)).isTrue();
        }
        admin = connect("SA", "");
    }
}
