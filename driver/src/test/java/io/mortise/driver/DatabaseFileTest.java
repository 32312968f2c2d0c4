package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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

    private String readThrough(String prefix) throws SQLException {
        try (Connection connection = open(prefix);
                Statement statement = connection.createStatement();
                ResultSet letters = statement.executeQuery("SELECT TEXT FROM LETTERS")) {
            letters.next();
            return letters.getString(1);
        }
    }

    private Connection open(String prefix) throws SQLException {
        return DriverManager.getConnection(prefix + folder.resolve("shop"), "sa", "");
    }
}
