package io.mortise.engine.storage.definition;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.BiFunction;
import org.h2.command.Command;
import org.h2.util.SmallLRUCache;
import org.jspecify.annotations.Nullable;

/**
 * Makes the cache that an H2 session asks for each text before it reads it, on every route. That is the one moment at
 * which H2 can be given a statement of ours. H2 empties it as the first thing when it closes the session. The class of
 * the cache has a private constructor only. So ours is a hidden class beside it, in whose {@code get} H2's answer is
 * shown to a function first:
 *
 * <pre>
 *   final class StatementCache extends SmallLRUCache {
 *       BiFunction finds;
 *       StatementCache(int size, BiFunction finds) { super(size); this.finds = finds; }
 *       public Object get(Object text) { return finds.apply(text, super.get(text)); }
 *       public void clear() { finds.apply(null, null); super.clear(); }
 *   }
 * </pre>
 *
 * Stateless.
 */
final class StatementCache {
    private static final Class<?> MADE;
    private static final MethodHandle MAKE;
    private static final MethodHandle FINDS;

    static {
        try {
            MethodHandles.Lookup made = MethodHandles.privateLookupIn(SmallLRUCache.class, MethodHandles.lookup())
                    .defineHiddenClass(bytes(), true, MethodHandles.Lookup.ClassOption.NESTMATE);
            MAKE = made.findConstructor(
                            made.lookupClass(), MethodType.methodType(void.class, int.class, BiFunction.class))
                    .asType(MethodType.methodType(SmallLRUCache.class, int.class, BiFunction.class));
            MADE = made.lookupClass();
            FINDS = made.findGetter(MADE, "finds", BiFunction.class)
                    .asType(MethodType.methodType(BiFunction.class, SmallLRUCache.class));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private StatementCache() {}

    /**
     * @param size how many statements it keeps
     * @param finds is given a text, and the command that is kept for it or null; what it returns H2 uses in its place.
     *     Given nothing, the cache is about to be emptied
     */
    @SuppressWarnings("unchecked")
    static SmallLRUCache<String, Command> of(int size, BiFunction<Object, Object, Object> finds) {
        try {
            return (SmallLRUCache<String, Command>) MAKE.invokeExact(size, (BiFunction<?, ?, ?>) finds);
        } catch (Throwable e) {
            throw new AssertionError("a constructor that fills fields", e);
        }
    }

    /** What a cache was given when it was made here; null of any other. */
    static @Nullable Object finds(@Nullable SmallLRUCache<?, ?> cache) {
        try {
            return MADE.isInstance(cache) ? (BiFunction<?, ?, ?>) FINDS.invokeExact((SmallLRUCache<?, ?>) cache) : null;
        } catch (Throwable e) {
            throw new AssertionError("a field that is read", e);
        }
    }

    // The numbers are places in the constant pool.
    private static byte[] bytes() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            write(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out) throws IOException {
        String above = SmallLRUCache.class.getName().replace('.', '/');
        out.writeInt(0xCAFEBABE);
        out.writeInt(52); // Java 8: code without branches needs no more.
        out.writeShort(29);
        text(out, above.substring(0, above.lastIndexOf('/') + 1) + "StatementCache"); // 1
        refer(out, 7, 1); // 2: this class
        text(out, above);
        refer(out, 7, 3); // 4: the class above
        text(out, "finds");
        text(out, "Ljava/util/function/BiFunction;");
        text(out, "<init>");
        text(out, "(ILjava/util/function/BiFunction;)V"); // 8
        text(out, "Code");
        text(out, "(I)V");
        refer(out, 12, 7, 10); // 11
        refer(out, 10, 4, 11); // 12: the constructor above
        pool(out);
        shorts(out, 0x30, 2, 4, 0); // final class, no interfaces
        shorts(out, 1, 0x10, 5, 6, 0); // one final field
        methods(out);
        out.writeShort(0);
    }

    private static void pool(DataOutputStream out) throws IOException {
        refer(out, 12, 5, 6);
        refer(out, 9, 2, 13); // 14: the field
        text(out, "get");
        text(out, "(Ljava/lang/Object;)Ljava/lang/Object;"); // 16
        refer(out, 12, 15, 16);
        refer(out, 10, 4, 17); // 18: the method above
        text(out, "apply");
        text(out, "(Ljava/lang/Object;Ljava/lang/Object;)Ljava/lang/Object;"); // 20
        refer(out, 12, 19, 20);
        text(out, "java/util/function/BiFunction");
        refer(out, 7, 22);
        refer(out, 11, 23, 21); // 24: apply
        text(out, "clear");
        text(out, "()V"); // 26
        refer(out, 12, 25, 26);
        refer(out, 10, 4, 27); // 28: the method above
    }

    private static void methods(DataOutputStream out) throws IOException {
        out.writeShort(3);
        // aload_0 iload_1 invokespecial 12, aload_0 aload_2 putfield 14, return
        method(out, new int[] {0, 7, 8, 2, 3}, 0x2a, 0x1b, 0xb7, 0, 12, 0x2a, 0x2c, 0xb5, 0, 14, 0xb1);
        // aload_0 getfield 14, aload_1, aload_0 aload_1 invokespecial 18, invokeinterface 24, areturn
        method(
                out,
                new int[] {1, 15, 16, 4, 2},
                0x2a,
                0xb4,
                0,
                14,
                0x2b,
                0x2a,
                0x2b,
                0xb7,
                0,
                18,
                0xb9,
                0,
                24,
                3,
                0,
                0xb0);
        clear(out);
    }

    private static void clear(DataOutputStream out) throws IOException {
        // aload_0 getfield 14, aconst_null, aconst_null, invokeinterface 24, pop, aload_0 invokespecial 28, return
        method(
                out,
                new int[] {1, 25, 26, 3, 1},
                0x2a,
                0xb4,
                0,
                14,
                1,
                1,
                0xb9,
                0,
                24,
                3,
                0,
                0x57,
                0x2a,
                0xb7,
                0,
                28,
                0xb1);
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        out.writeByte(1);
        out.writeUTF(text);
    }

    private static void refer(DataOutputStream out, int kind, int... places) throws IOException {
        out.writeByte(kind);
        shorts(out, places);
    }

    private static void shorts(DataOutputStream out, int... numbers) throws IOException {
        for (int number : numbers) {
            out.writeShort(number);
        }
    }

    /** @param head its access, name and type, and how much of the stack and how many variables it uses */
    private static void method(DataOutputStream out, int[] head, int... code) throws IOException {
        shorts(out, head[0], head[1], head[2], 1, 9);
        out.writeInt(12 + code.length);
        shorts(out, head[3], head[4]);
        out.writeInt(code.length);
        for (int one : code) {
            out.writeByte(one);
        }
        shorts(out, 0, 0);
    }
}
