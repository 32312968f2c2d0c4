package io.mortise.engine.storage.file;

import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.h2.message.DbException;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.SingleFileStore;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;
import org.h2.store.fs.disk.FilePathDisk;
import org.h2.store.fs.encrypt.FileEncrypt;

/**
 * Puts {@link SteadyFile} in the place of the channels that H2 has opened for a database. Stateless.
 *
 * <p>H2 opens a plain name with a provider that cannot be exchanged, and the name of a database shows everywhere. So
 * the channel is exchanged, not the name. That is done by the thread that opens the database, before anybody else knows
 * it.
 */
public final class SteadyFiles {
    private static final Field STORE_CHANNEL;
    private static final Field STORE_ORIGINAL;
    private static final Field ENCRYPTED;
    private static final Class<?> SPLIT;
    private static final Field SPLIT_PARTS;
    private static final Field SPLIT_PATH;
    private static final Field WRAPPED_PATH;
    private static final Class<?> RETRYING;
    private static final Field RETRIED;
    private static final String OF_JAVA = "sun.nio.ch.FileChannelImpl";

    static {
        try {
            STORE_CHANNEL = field(SingleFileStore.class, "fileChannel");
            STORE_ORIGINAL = field(SingleFileStore.class, "originalFileChannel");
            ENCRYPTED = field(FileEncrypt.class, "base");
            SPLIT = Class.forName("org.h2.store.fs.split.FileSplit");
            SPLIT_PARTS = field(SPLIT, "list");
            SPLIT_PATH = field(SPLIT, "filePath");
            WRAPPED_PATH = field(FilePathWrapper.class, "base");
            RETRYING = Class.forName("org.h2.store.fs.retry.FileRetryOnInterrupt");
            RETRIED = field(RETRYING, "channel");
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private final FilePath innermost;
    private final String mode;

    private SteadyFiles(FilePath innermost, String mode) {
        this.innermost = innermost;
        this.mode = mode;
    }

    /**
     * Makes the file of a database steady. Leaves alone what is in memory, in an archive, {@code async:} (whose channel
     * no interrupt closes) and {@code nioMapped:} (whose content is in memory).
     *
     * @throws DbException if the file cannot be opened once more
     */
    public static void settle(MVStore store) {
        if (store.getFileStore() instanceof SingleFileStore file) {
            try {
                settle(file);
            } catch (IOException e) {
                throw DbException.convertIOException(e, file.getFileName());
            }
        }
    }

    private static void settle(SingleFileStore file) throws IOException {
        FilePath innermost = innermost(FilePath.get(file.getFileName()));
        String mode = file.isReadOnly() ? "r" : "rw";
        FileChannel after = new SteadyFiles(innermost, mode).steady((FileChannel) read(STORE_CHANNEL, file));
        write(STORE_CHANNEL, file, after);
        if (read(STORE_ORIGINAL, file) != null) {
            write(STORE_ORIGINAL, file, encryptedBy(after));
        }
    }

    /** The path that stands last in a name with prefixes. */
    private static FilePath innermost(FilePath path) {
        FilePath inner = path;
        while (inner instanceof FilePathWrapper) {
            inner = inner.unwrap();
        }
        return inner;
    }

    private FileChannel steady(FileChannel channel) throws IOException {
        if (channel instanceof FileEncrypt) {
            write(ENCRYPTED, channel, steady(encryptedBy(channel)));
        } else if (SPLIT.isInstance(channel)) {
            splitSteadily(channel);
        } else if (RETRYING.isInstance(channel)) {
            write(RETRIED, channel, steady((FileChannel) read(RETRIED, channel)));
        } else if (isOfJava(channel) && innermost instanceof FilePathDisk) {
            return SteadyFile.over(channel, Path.of(innermost.name), mode);
        }
        return channel;
    }

    /** The parts that are open, and those that H2 will open. */
    private void splitSteadily(FileChannel split) throws IOException {
        FileChannel[] parts = (FileChannel[]) read(SPLIT_PARTS, split);
        if (!(innermost instanceof FilePathDisk) || !isOfJava(parts[0])) {
            return;
        }
        for (int i = 0; i < parts.length; i++) {
            Path path = Path.of(i == 0 ? innermost.name : innermost.name + "." + i + ".part");
            parts[i] = i == 0 ? SteadyFile.over(parts[i], path, mode) : SteadyFile.overPart(parts[i], path, mode);
        }
        write(WRAPPED_PATH, read(SPLIT_PATH, split), SteadyPath.of(innermost));
    }

    private static boolean isOfJava(FileChannel channel) {
        return channel.getClass().getName().equals(OF_JAVA);
    }

    private static FileChannel encryptedBy(FileChannel encrypting) {
        return (FileChannel) read(ENCRYPTED, encrypting);
    }

    private static Field field(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    private static Object read(Field field, Object of) {
        try {
            return field.get(of);
        } catch (IllegalAccessException e) {
            throw new AssertionError("made accessible when the class was loaded", e);
        }
    }

    private static void write(Field field, Object of, Object value) {
        try {
            field.set(of, value);
        } catch (IllegalAccessException e) {
            throw new AssertionError("made accessible when the class was loaded", e);
        }
    }
}
