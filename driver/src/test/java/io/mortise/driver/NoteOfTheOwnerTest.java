package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The note beside a database file, in a directory where others may write. */
@Timeout(120)
@DisabledOnOs(OS.WINDOWS)
final class NoteOfTheOwnerTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private Path note() {
        return folder.resolve("shop.mortise.who");
    }

    private Connection open() throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:file:" + folder.resolve("shop"), "sa", "");
    }

    @Test
    void itIsForTheOwnerOfTheProcessOnly() throws Exception {
        try (Connection connection = open()) {
            assertThat(connection.isValid(1)).isTrue();
            assertThat(Files.getPosixFilePermissions(note())).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void aLinkInItsPlaceIsNeitherFollowedNorRemoved() throws Exception {
        Path prize = Files.writeString(folder.resolve("prize"), "precious");
        Files.createSymbolicLink(note(), prize);

        open().close();

        assertThat(prize).hasContent("precious");
        assertThat(Files.exists(note(), LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    @Test
    void aFileOfSomebodyElsesInItsPlaceStays() throws Exception {
        Files.writeString(note(), "precious");

        open().close();

        assertThat(note()).hasContent("precious");
    }

    @Test
    void whatItSaysCannotForgeALineOrASecondAddress() throws Exception {
        try (OtherProcess other = OtherProcess.start()) {
            other.connect("owner", "jdbc:mortise:file:" + folder.resolve("shop"));
            Properties forged = new Properties();
            try (var read = Files.newInputStream(note())) {
                forged.load(read);
            }
            forged.setProperty("command", "x\n2026-11-29 ERROR forged " + "y".repeat(5000));
            forged.setProperty("serves", "jdbc:mortise:h2:tcp://evil:1/y;INIT=RUNSCRIPT FROM 'z'");
            try (var write = Files.newOutputStream(note())) {
                forged.store(write, "who has this database open; written by Mortise");
            }

            // Longer than a note of ours can be, so what is cut off is missing.
            assertThatThrownBy(this::open)
                    .satisfies(e -> assertThat(
                                    String.valueOf(e.getMessage()).lines().filter(line -> line.startsWith("2026")))
                            .isEmpty());

            forged.setProperty("command", "x\n2026-11-29 ERROR forged " + "y".repeat(500));
            try (var write = Files.newOutputStream(note())) {
                forged.store(write, "who has this database open; written by Mortise");
            }
            assertThatThrownBy(this::open)
                    .hasMessageContaining("(x\\n2026-11-29 ERROR forged yyy")
                    .hasMessageNotContaining("y".repeat(300))
                    .hasMessageNotContaining("evil");
        }
    }
}
