package io.mortise.engine.journal.report;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A text file that is the engine's own: it is new, or empty, or begins with a line of ours. It is a plain file and no
 * link. Where the file system knows rights, only the owner of the process may read and write it. What is something else
 * is never opened for writing, moved or replaced. Immutable.
 *
 * @param ours how a first line of ours begins
 */
public record OwnFile(Path path, Pattern ours) {
    private static final int FIRST_LINE = 256;
    private static final Set<OpenOption> NO_LINK = Set.of(
            StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE, LinkOption.NOFOLLOW_LINKS);

    /** @throws IOException that says what is there instead, if this may not be written */
    public void check() throws IOException {
        Path parent = path.toAbsolutePath().getParent();
        if (isThere()) {
            open(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS).close();
        } else if (parent != null && !Files.isDirectory(parent)) {
            throw new FileSystemException(path.toString(), null, "there is no such directory");
        }
    }

    /** The length in bytes; 0 if it is not there. */
    long size() throws IOException {
        return isThere() ? Files.size(path) : 0;
    }

    /** Adds text at its end; makes the file if need be. */
    void append(String text) throws IOException {
        // Two databases of this process may share a file.
        synchronized (OwnFile.class) {
            try (FileChannel channel = open(NO_LINK.toArray(OpenOption[]::new))) {
                write(channel.position(channel.size()), text);
            }
        }
    }

    /** Makes this text all that is in it. */
    public void replace(String text) throws IOException {
        isThere();
        try (FileChannel channel = open(NO_LINK.toArray(OpenOption[]::new))) {
            write(channel.truncate(0), text);
        }
    }

    /** Removes it; what is there and is not ours stays. */
    public void delete() throws IOException {
        if (isThere()) {
            check();
            Files.delete(path);
        }
    }

    /** Gives it another name, and takes the place of what has that name, if that is ours too. */
    void moveTo(Path other) throws IOException {
        if (isThere()) {
            check();
            new OwnFile(other, ours).check();
            Files.move(path, other, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void write(FileChannel channel, String text) throws IOException {
        ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private FileChannel open(OpenOption... options) throws IOException {
        isThere();
        FileChannel channel = FileChannel.open(path, Set.of(options), readableByOwnerOnly(path));
        try {
            // Looked at through what is open: whatever is put in its place now is not what will be written.
            if (channel.size() > 0 && !ours.matcher(beginning(channel)).lookingAt()) {
                throw new FileSystemException(path.toString(), null, "it is there, and it is not one of ours");
            }
            return channel;
        } catch (IOException | RuntimeException | Error e) {
            channel.close();
            throw e;
        }
    }

    private static String beginning(FileChannel channel) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(FIRST_LINE);
        while (bytes.hasRemaining() && channel.read(bytes, bytes.position()) > 0) {
            continue;
        }
        return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    }

    /** Asked before it is opened: to open a pipe waits for its reader. */
    private boolean isThere() throws IOException {
        try {
            if (!Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isRegularFile()) {
                throw new FileSystemException(path.toString(), null, "it is a link, a directory or a device");
            }
            return true;
        } catch (NoSuchFileException notYet) {
            return false;
        }
    }

    private static FileAttribute<?>[] readableByOwnerOnly(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
