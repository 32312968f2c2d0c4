package io.mortise.compat.pool;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.driver.MortiseDataSource;
import io.mortise.driver.MortiseDriver;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** HikariCP, the newest and 5.1.0: the build runs this class once with each. */
@Timeout(120)
final class HikariItemsTest extends PoolScene {
    @Test
    @DisplayName("11 a pool starts by URL, by driver class and by data source class")
    void aPoolStartsInAllThreeWays() throws Exception {
        HikariConfig byUrl = new HikariConfig();
        byUrl.setJdbcUrl(url);
        byUrl.setUsername("sa");
        HikariConfig byDriver = new HikariConfig();
        byDriver.setJdbcUrl(url);
        byDriver.setUsername("sa");
        byDriver.setDriverClassName(MortiseDriver.class.getName());
        HikariConfig byDataSource = new HikariConfig();
        byDataSource.setDataSourceClassName(MortiseDataSource.class.getName());
        byDataSource.addDataSourceProperty("url", url);
        byDataSource.addDataSourceProperty("user", "sa");
        byDataSource.addDataSourceProperty("sessionBusyGrace", 20);

        for (HikariConfig config : List.of(byUrl, byDriver, byDataSource)) {
            try (HikariDataSource pool = new HikariDataSource(config);
                    Connection connection = pool.getConnection()) {
                assertThat(number(connection, "SELECT COUNT(*) FROM T")).isEqualTo(5);
            }
        }
    }
}
