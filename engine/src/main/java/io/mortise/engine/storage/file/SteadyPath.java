package io.mortise.engine.storage.file;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * A path whose files open as {@link SteadyFile}. H2 meets it below {@code split:} only, which opens further files while
 * the database is open; no URL needs to name it. Immutable once made.
 */
public final class SteadyPath extends FilePathWrapper {
    private static final String SCHEME = "mortise-steady";

    static {
        FilePath.register(new SteadyPath());
    }

    /** For H2, which makes one for each name. */
    public SteadyPath() {}

    static SteadyPath of(FilePath plain) {
        return (SteadyPath) FilePath.get(SCHEME + ":" + plain.name);
    }

    @Override
    public FileChannel open(String mode) throws IOException {
        try {
            return SteadyFile.open(Path.of(getBase().name), mode);
        } catch (FileNotFoundException e) {
            getBase().open(mode).close(); // H2's own channel says more exactly what is wrong.
            throw e;
        }
    }

    @Override
    public String getScheme() {
        return SCHEME;
    }
}
