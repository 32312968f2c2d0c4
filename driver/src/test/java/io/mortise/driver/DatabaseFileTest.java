package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Clob;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.h2.api.Trigger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The file is H2's: plain H2 opens what was written here, and the other way round. */
class DatabaseFileTest {
    @TempDir
    Path folder;

    @Test
    void plainH2OpensWhatWasWrittenHere() throws SQLException {
        writeThrough("jdbc:mortise:file:");
        assertThat(readThrough("jdbc:h2:file:")).isEqualTo("long text");
    }

    @Test
    void whatPlainH2WroteIsOpenedHere() throws SQLException {
        writeThrough("jdbc:h2:file:");
        assertThat(readThrough("jdbc:mortise:file:")).isEqualTo("long text");
    }

    @Test
    void aFileThatIsNoDatabaseIsLeftAsItIs() throws Exception {
        Path file = Files.writeString(folder.resolve("shop.mv.db"), "a letter to my bank");
        assertThatThrownBy(() -> readThrough("jdbc:mortise:file:")).isInstanceOf(SQLException.class);
        assertThat(file).hasContent("a letter to my bank");
    }

    private void writeThrough(String prefix) throws SQLException {
        try (Connection connection = open(prefix);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE LETTERS(ID INT PRIMARY KEY, TEXT CLOB)");
            statement.execute("INSERT INTO LETTERS VALUES(1, 'long text')");
        }
    }

    /** Each writes what is too long for a row, changes what the other wrote, and leaves a trigger behind. */
    @Test
    void bothWriteLargeObjectsAndTriggersInTurn() throws SQLException {
        writeThrough("jdbc:h2:file:");
        for (String prefix : List.of("jdbc:mortise:file:", "jdbc:h2:file:", "jdbc:mortise:file:", "jdbc:h2:file:")) {
            try (Connection connection = open(prefix);
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE TRIGGER IF NOT EXISTS STAMP BEFORE INSERT ON LETTERS FOR EACH ROW CALL '"
                        + Stamp.class.getName() + "'");
                statement.execute("UPDATE LETTERS SET TEXT = TEXT || REPEAT('x', 100000)");
                statement.execute("INSERT INTO LETTERS SELECT MAX(ID) + 1, REPEAT('y', 200000) FROM LETTERS");
            }
        }

        for (String prefix : List.of("jdbc:mortise:file:", "jdbc:h2:file:")) {
            assertThat(read(prefix, "SELECT LENGTH(TEXT) FROM LETTERS WHERE ID = 1"))
                    .isEqualTo("400009");
            assertThat(read(prefix, "SELECT LENGTH(TEXT) FROM LETTERS WHERE ID = 5"))
                    .isEqualTo("200008");
            assertThat(read(prefix, "SELECT LEFT(TEXT, 9) FROM LETTERS WHERE ID = 5"))
                    .isEqualTo("stamped y");
        }
    }

    /** Marks what is inserted; H2 makes it by its name. */
    public static final class Stamp implements Trigger {
        @Override
        public void fire(Connection connection, Object[] before, Object[] after) throws SQLException {
            Clob text = (Clob) after[1];
            after[1] = "stamped " + text.getSubString(1, (int) text.length());
        }
    }

    private String readThrough(String prefix) throws SQLException {
        return read(prefix, "SELECT TEXT FROM LETTERS");
    }

    private String read(String prefix, String sql) throws SQLException {
        try (Connection connection = open(prefix);
                Statement statement = connection.createStatement();
                ResultSet letters = statement.executeQuery(sql)) {
            letters.next();
            return letters.getString(1);
        }
    }

    private Connection open(String prefix) throws SQLException {
        return DriverManager.getConnection(prefix + folder.resolve("shop"), "sa", "");
    }
}
