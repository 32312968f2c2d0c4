package io.mortise.compat.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.micronaut.configuration.jdbc.hikari.DatasourceConfiguration;
import io.micronaut.context.ApplicationContext;
import io.mortise.compat.kit.WorksWith;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@WorksWith(
        client = "Micronaut SQL",
        from = DatasourceConfiguration.class,
        tried = "the pool it makes of its settings: eight threads move money, none is lost",
        needs = "`datasources.default.driver-class-name=io.mortise.driver.MortiseDriver`")
@Timeout(120)
final class MicronautItemsTest {
    private static final int ACCOUNTS = 5;

    @ParameterizedTest
    @CsvSource({"jdbc:h2:mem:,org.h2.Driver", "jdbc:mortise:mem:,io.mortise.driver.MortiseDriver"})
    void itsPoolMovesMoney(String prefix, String driver) throws Exception {
        Map<String, Object> settings = Map.of(
                "datasources.default.url",
                prefix + UUID.randomUUID() + ";LOCK_TIMEOUT=60000",
                "datasources.default.driver-class-name",
                driver,
                "datasources.default.username",
                "sa",
                "datasources.default.password",
                "");
        try (ApplicationContext context = ApplicationContext.run(settings)) {
            DataSource source = context.getBean(DataSource.class);
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)");
                statement.execute("INSERT INTO ACCOUNTS SELECT X, 100 FROM SYSTEM_RANGE(1, " + ACCOUNTS + ")");
            }

            Crowd.Result result = Crowd.of(8, 25, (thread, round) -> move(source, thread, round));

            assertThat(result.failures()).isEmpty();
            try (Connection connection = source.getConnection();
                    Statement statement = connection.createStatement();
                    ResultSet sum = statement.executeQuery("SELECT SUM(BALANCE) FROM ACCOUNTS")) {
                assertThat(sum.next()).isTrue();
                assertThat(sum.getInt(1)).isEqualTo(ACCOUNTS * 100);
            }
        }
    }

    /** From the lower number to the higher or back, but always locked in that order. */
    private static void move(DataSource source, int thread, int round) throws SQLException {
        int low = 1 + (thread + round) % (ACCOUNTS - 1);
        int amount = round % 2 == 0 ? 1 : -1;
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            add(connection, low, amount);
            add(connection, low + 1, -amount);
            connection.commit();
        }
    }

    private static void add(Connection connection, int account, int amount) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("UPDATE ACCOUNTS SET BALANCE = BALANCE + ? WHERE ID = ?")) {
            update.setInt(1, amount);
            update.setInt(2, account);
            update.executeUpdate();
        }
    }
}
