package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The values of parameters are shown for who has asked for it, and for nobody else. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class BindValuesTest {
    private static final String UPDATE = "UPDATE ACCOUNTS SET OWNER = ? WHERE ID = ?";

    private Connection shown;
    private Connection plain;

    @BeforeEach
    void aTable() throws SQLException {
        shown = DriverManager.getConnection("jdbc:mortise:mem:values;BIND_VALUES=true", "sa", "");
        plain = DriverManager.getConnection("jdbc:mortise:mem:values;LOCK_TIMEOUT=0", "sa", "");
        try (Statement statement = shown.createStatement()) {
            statement.execute("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, OWNER VARCHAR)");
            statement.execute("INSERT INTO ACCOUNTS VALUES (1, 'Ann'), (2, 'Bob')");
        }
        shown.setAutoCommit(false);
        plain.setAutoCommit(false);
    }

    @AfterEach
    void close() throws SQLException {
        shown.close();
        plain.close();
    }

    private static void update(Connection connection, String owner, int id) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(UPDATE)) {
            update.setString(1, owner);
            update.setInt(2, id);
            update.executeUpdate();
        }
    }

    private String statementThatTook(int id) throws SQLException {
        try (Statement statement = shown.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT ACQUIRED_BY FROM SYS.LOCKS WHERE ROW_KEY = 'ID=" + id + "' AND STATUS = 'GRANTED'")) {
            row.next();
            return row.getString(1);
        }
    }

    @Test
    void theTablesShowThem() throws SQLException {
        update(shown, "Cy", 1);
        update(plain, "Dee", 2);

        assertThat(statementThatTook(1)).isEqualTo(UPDATE + " {1: 'Cy', 2: 1}");
        assertThat(statementThatTook(2)).isEqualTo(UPDATE);
    }

    @Test
    void theMessageOfWhoIsHeldUpShowsThoseOfTheHolder() throws SQLException {
        update(shown, "Cy", 1);

        assertThatThrownBy(() -> update(plain, "Dee", 1))
                .hasMessageContaining(UPDATE + " {1: 'Cy', 2: 1}")
                .hasMessageNotContaining("Dee");
    }

    @Test
    void longOnesAreCutOff() throws SQLException {
        update(shown, "C" + "y".repeat(5_000), 1);

        assertThat(statementThatTook(1)).hasSizeLessThan(1_100).endsWith(" …");
    }

    @Test
    void theSettingMayBeChangedWhileConnected() throws SQLException {
        try (Statement statement = plain.createStatement()) {
            statement.execute("SET PARAMETER BIND_VALUES = true");
        }

        update(plain, "Dee", 2);

        assertThat(statementThatTook(2)).isEqualTo(UPDATE + " {1: 'Dee', 2: 2}");
    }
}
