package io.mortise.house;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * A source file, read by the compiler's own parser. Immutable.
 *
 * @param path relative to the root of the project, with forward slashes
 */
record SourceFile(String path, String text, CompilationUnitTree tree, SourcePositions positions) {
    private static final JavaCompiler COMPILER = ToolProvider.getSystemJavaCompiler();

    /** One for all: each would open the class path anew. */
    private static final JavaFileManager FILES = COMPILER.getStandardFileManager(null, null, null);

    static SourceFile read(Path root, Path file) {
        try {
            return parse(root.relativize(file).toString().replace('\\', '/'), Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SourceFile parse(String path, String text) {
        JavacTask task = (JavacTask) COMPILER.getTask(
                null, FILES, diagnostic -> {}, List.of("-proc:none"), null, List.of(inMemory(path, text)));
        try {
            CompilationUnitTree tree = task.parse().iterator().next();
            return new SourceFile(path, text, tree, Trees.instance(task).getSourcePositions());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JavaFileObject inMemory(String path, String text) {
        return new SimpleJavaFileObject(URI.create("string:///" + path), JavaFileObject.Kind.SOURCE) {
            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return text;
            }
        };
    }

    boolean isMain() {
        return !path.contains("/src/test/");
    }

    String packageName() {
        return tree.getPackageName() == null ? "" : tree.getPackageName().toString();
    }

    /** The type that the file is named for. */
    String typeName() {
        return path.substring(path.lastIndexOf('/') + 1).replace(".java", "");
    }

    long lines() {
        return text.lines().count();
    }

    long lineAt(long position) {
        return tree.getLineMap().getLineNumber(position);
    }
}
