package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** While a statement runs, SHOW_LOCKS() lists what SQream lists of it, and nothing that only this engine holds. */
@Timeout(60)
class SqreamShowLocksTest {
    private final String url = "jdbc:mortise:mem:" + UUID.randomUUID() + ";LOCK_POLICY=sqream";
    private final String brakeName = UUID.randomUUID().toString();
    private final Brake brake = Brake.named(brakeName);
    private final Background worker = new Background("worker");
    private Connection keeper;

    @BeforeEach
    void tables() throws SQLException {
        keeper = DriverManager.getConnection(url);
        try (Statement statement = keeper.createStatement()) {
            statement.execute("CREATE ALIAS BRAKE FOR \"io.mortise.driver.Brake.hold\"");
            statement.execute("CREATE TABLE NBA(ID INT PRIMARY KEY, V INT)");
            statement.execute("INSERT INTO NBA VALUES (1, 1)");
        }
    }

    @AfterEach
    void close() throws Exception {
        brake.letGo();
        worker.close();
        keeper.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            CREATE TABLE NBA2 AS SELECT ID, BRAKE(?) B FROM NBA | database$ Inclusive, globalpermission$ Exclusive, schema$PUBLIC Inclusive, table$PUBLIC$NBA2$Insert Exclusive, table$PUBLIC$NBA2$Update Exclusive
            INSERT INTO NBA SELECT 2, BRAKE(?) | database$ Inclusive, schema$PUBLIC Inclusive, table$PUBLIC$NBA$Insert Inclusive
            UPDATE NBA SET V = BRAKE(?) | database$ Inclusive, schema$PUBLIC Inclusive, table$PUBLIC$NBA$Update Exclusive
            DELETE FROM NBA WHERE BRAKE(?) = 0 | database$ Inclusive, schema$PUBLIC Inclusive, table$PUBLIC$NBA$Update Exclusive
            SELECT BRAKE(?) FROM NBA |
            """)
    void aStatementThatRunsHoldsWhatSqreamShows(String sql, String locks) throws Exception {
        worker.starts(() -> {
            try (Connection connection = DriverManager.getConnection(url);
                    Statement statement = connection.createStatement()) {
                return statement.execute(sql.replace("?", "'" + brakeName + "'"));
            }
        });
        brake.awaitReached();

        assertThat(String.join(", ", held())).isEqualTo(locks == null ? "" : locks);
    }

    private List<String> held() throws SQLException {
        List<String> held = new ArrayList<>();
        try (Statement statement = keeper.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT LOCKED_OBJECT, LOCKMODE, DATABASE() FROM SHOW_LOCKS()")) {
            while (rows.next()) {
                String object = rows.getString(1)
                        .replace("$" + rows.getString(3) + "$", "$")
                        .replace(rows.getString(3), "");
                held.add(object + " " + rows.getString(2));
            }
        }
        return held;
    }
}
