package io.mortise.compat.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.mortise.compat.kit.Database;
import io.mortise.compat.kit.WorksWith;
import io.mortise.driver.MortiseDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.jdbc.EmbeddedDatabaseConnection;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** Spring Boot: what it needs to start. */
@WorksWith(
        client = "Spring Boot",
        from = SpringApplication.class,
        tried = "start with a pool; what it takes for an embedded database",
        needs = "`mortise-spring-boot-starter`; or `mortise-all` and `" + SpringBootItemsTest.DRIVER_CLASS + "`")
@Timeout(120)
final class SpringBootItemsTest {
    static final String DRIVER_CLASS = "spring.datasource.driver-class-name=io.mortise.driver.MortiseDriver";

    @SuppressWarnings("NullAway.Init")
    private Database database;

    @BeforeEach
    void open() throws Exception {
        database = new Database();
        database.run("CREATE TABLE T(ID INT PRIMARY KEY)");
        database.run("INSERT INTO T VALUES (1), (2)");
    }

    @AfterEach
    void close() throws Exception {
        database.close();
    }

    @Test
    @DisplayName("52 with the starter, a URL is enough")
    void aUrlIsEnoughWithTheStarter() {
        try (ConfigurableApplicationContext context =
                Application.start("spring.datasource.url=" + database.url(), "spring.datasource.username=sa")) {
            assertThat(rows(context)).isEqualTo(2);
            assertThat(context.getBean(HikariDataSource.class).getDriverClassName())
                    .isEqualTo("io.mortise.driver.MortiseDriver");
        }
    }

    @Test
    @DisplayName("52 without the starter, the class name of the driver is needed")
    void theClassNameIsEnoughWithoutTheStarter() {
        String url = "spring.datasource.url=" + database.url();

        assertThatThrownBy(() -> Application.startWithoutStarter(url))
                .rootCause()
                .hasMessage("Driver org.h2.Driver claims to not accept jdbcUrl, " + database.url());
        try (ConfigurableApplicationContext context =
                Application.startWithoutStarter(url, "spring.datasource.username=sa", DRIVER_CLASS)) {
            assertThat(rows(context)).isEqualTo(2);
        }
    }

    @Test
    @DisplayName("52 the starter leaves an application alone that uses another database")
    void theStarterMindsOnlyOurUrls() {
        try (ConfigurableApplicationContext context = Application.start("spring.datasource.url=jdbc:h2:mem:other")) {
            assertThat(context.getBean(HikariDataSource.class).getDriverClassName())
                    .isEqualTo("org.h2.Driver");
        }
    }

    @Test
    @DisplayName("53 a database in memory is an embedded one for Boot, a file is not")
    void bootKnowsWhatIsEmbedded(@TempDir Path folder) throws Exception {
        MortiseDataSource file = new MortiseDataSource();
        file.setUrl("jdbc:mortise:h2:file:" + folder.resolve("db").toAbsolutePath());
        file.setUser("sa");

        try (Connection keeper = file.getConnection()) {
            assertThat(keeper.isValid(1)).isTrue();
            assertThat(EmbeddedDatabaseConnection.isEmbedded((DataSource) file)).isFalse();
        }
        assertThat(EmbeddedDatabaseConnection.isEmbedded(database.dataSource("")))
                .isTrue();
    }

    private static int rows(ConfigurableApplicationContext context) {
        Integer rows = context.getBean(JdbcTemplate.class).queryForObject("SELECT COUNT(*) FROM T", Integer.class);
        return rows == null ? 0 : rows;
    }
}
