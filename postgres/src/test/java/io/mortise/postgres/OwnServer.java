package io.mortise.postgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** A server of a test's own, to be stopped, started again, and copied. */
final class OwnServer implements AutoCloseable {
    private final Path data;
    private final int port;
    private EmbeddedPostgres running;

    private OwnServer(Path data) throws IOException {
        this.data = data;
        try (ServerSocket free = new ServerSocket(0)) {
            this.port = free.getLocalPort();
        }
        this.running = started();
    }

    static OwnServer fresh(Path folder) throws IOException {
        return new OwnServer(folder.resolve("primary"));
    }

    private EmbeddedPostgres started() throws IOException {
        return Binaries.chosen()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .setPort(port)
                .setServerConfig("fsync", "off")
                .start();
    }

    int port() {
        return port;
    }

    void stop() throws IOException {
        running.close();
    }

    void start() throws IOException {
        running = started();
    }

    /** A standby that follows this server, from where it stands: it must not run. Starts both. */
    OwnServer withStandby(Path folder) throws IOException {
        Path copy = folder.resolve("standby");
        copy(data, copy);
        Files.deleteIfExists(copy.resolve("postmaster.pid"));
        Files.createFile(copy.resolve("standby.signal"));
        Files.writeString(
                copy.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=localhost port=" + port + " user=postgres'\n");
        start();
        return new OwnServer(copy);
    }

    private static void copy(Path from, Path to) throws IOException {
        FileAttribute<?> own = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
        Files.walkFileTree(from, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes unused) throws IOException {
                Files.createDirectory(to.resolve(from.relativize(folder)), own);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes unused) throws IOException {
                Files.copy(file, to.resolve(from.relativize(file)), java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    @Override
    public void close() {
        try {
            running.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
