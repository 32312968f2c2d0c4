package io.mortise.engine.journal.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
final class OwnFileTest {
    private static final Pattern OURS = Pattern.compile("ours: ");

    @TempDir
    Path folder;

    @Test
    void aNewFileIsForItsOwnerOnly() throws IOException {
        file("log").append("ours: 1\n");
        file("log").append("ours: 2\n");

        assertThat(folder.resolve("log")).hasContent("ours: 1\nours: 2\n");
        assertThat(Files.getPosixFilePermissions(folder.resolve("log")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void anEmptyFileIsTaken() throws IOException {
        Files.createFile(folder.resolve("log"));

        file("log").append("ours: 1\n");

        assertThat(folder.resolve("log")).hasContent("ours: 1\n");
    }

    @Test
    void aFileOfSomebodyElseIsLeftAlone() throws IOException {
        Files.writeString(folder.resolve("log"), "theirs\nours: 2\n");

        refuses(file("log"));

        assertThat(folder.resolve("log")).hasContent("theirs\nours: 2\n");
    }

    @Test
    void aLinkIsNotFollowedWhereverItLeads() throws IOException {
        Path prize = Files.writeString(folder.resolve("prize"), "ours: precious\n");
        Files.createSymbolicLink(folder.resolve("log"), prize);
        Files.createSymbolicLink(folder.resolve("nowhere"), folder.resolve("missing"));

        refuses(file("log"));
        refuses(file("nowhere"));

        assertThat(prize).hasContent("ours: precious\n");
        assertThat(folder.resolve("missing")).doesNotExist();
    }

    @Test
    void aDirectoryAndADeviceAreRefused() throws IOException {
        Files.createDirectory(folder.resolve("log"));

        refuses(file("log"));
        refuses(new OwnFile(Path.of("/dev/null"), OURS));
    }

    @Test
    void aFileThatMovesReplacesOnlyItsLike() throws IOException {
        file("log").append("ours: new\n");
        Files.writeString(folder.resolve("log.1"), "ours: old\n");
        file("log").moveTo(folder.resolve("log.1"));
        assertThat(folder.resolve("log.1")).hasContent("ours: new\n");

        file("log").append("ours: newer\n");
        Files.writeString(folder.resolve("log.1"), "theirs\n");
        assertThatThrownBy(() -> file("log").moveTo(folder.resolve("log.1"))).isInstanceOf(FileSystemException.class);
        assertThat(folder.resolve("log.1")).hasContent("theirs\n");
        assertThat(folder.resolve("log")).hasContent("ours: newer\n");
    }

    private static void refuses(OwnFile file) {
        assertThatThrownBy(file::check).isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> file.append("ours: x\n")).isInstanceOf(FileSystemException.class);
        assertThatThrownBy(() -> file.replace("ours: x\n")).isInstanceOf(FileSystemException.class);
    }

    private OwnFile file(String name) {
        return new OwnFile(folder.resolve(name), OURS);
    }
}
