package io.mortise.engine.storage.definition;

import io.mortise.engine.storage.h2.H2Reflection;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.h2.command.Command;
import org.h2.command.CommandContainer;
import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;
import org.h2.expression.ParameterInterface;
import org.h2.util.SmallLRUCache;
import org.jspecify.annotations.Nullable;

/**
 * Has H2 read a text for a session, and puts a {@link DefinitionCommand} in the place of what would commit before it
 * runs; also in a list of statements. Used by the thread that is in the session.
 */
public final class Reading implements BiFunction<Object, Object, Object> {
    /**
     * So often a statement is read beside definitions that come one after another. Then it is left to H2, which reads
     * it once more.
     */
    public static final int MOST = 8;

    private static final VarHandle CACHE;
    private static final VarHandle CACHED_AT;
    private static final Field CACHE_SIZE;
    private static final VarHandle TEXT;
    private static final Class<?> LIST;
    private static final Field FIRST;
    private static final Field OTHERS;
    private static final VarHandle PARAMETERS;
    private static final VarHandle REST;

    static {
        try {
            MethodHandles.Lookup sessions = MethodHandles.privateLookupIn(SessionLocal.class, MethodHandles.lookup());
            CACHE = sessions.findVarHandle(SessionLocal.class, "queryCache", SmallLRUCache.class);
            CACHED_AT = sessions.findVarHandle(SessionLocal.class, "modificationMetaID", long.class);
            CACHE_SIZE = SessionLocal.class.getDeclaredField("queryCacheSize");
            CACHE_SIZE.setAccessible(true);
            TEXT = MethodHandles.privateLookupIn(Command.class, MethodHandles.lookup())
                    .findVarHandle(Command.class, "sql", String.class);
            LIST = Class.forName("org.h2.command.CommandList");
            FIRST = LIST.getDeclaredField("command");
            FIRST.setAccessible(true);
            MethodHandles.Lookup lists = MethodHandles.privateLookupIn(LIST, MethodHandles.lookup());
            OTHERS = LIST.getDeclaredField("commands");
            OTHERS.setAccessible(true);
            PARAMETERS = lists.findVarHandle(LIST, "parameters", ArrayList.class);
            REST = lists.findVarHandle(LIST, "remaining", String.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    /** What it has to know of the session, and of what runs in it. */
    public interface Ground {
        /** Throws if the session may not read this text now. */
        void checkMayRead(String text);

        /** What a definition needs is locked, and is to stay so over the commit that follows. */
        void lockedAhead();

        /** What runs in the place of a statement of this text that commits nothing before it; itself, perhaps. */
        CommandContainer placed(CommandContainer read, String text);

        /** Throws if what has succeeded could not be committed any more. */
        void acknowledge();

        /** Waits a moment for the definition that is at work. False if there was none, or it goes on. */
        boolean awaitDefinition();

        /** How often a table or an index of the database has gone. */
        int departures();

        /** H2 closes the session, on this thread, and has only begun with that. */
        void closes();
    }

    private final SessionLocal session;
    private final Ground ground;
    /** What H2 is reading now, because we have asked for it. */
    private @Nullable Object reading;
    /** How often a table or an index had gone when the views were last forgotten. */
    private int departures;

    private Reading(SessionLocal session, Ground ground) {
        this.session = session;
        this.ground = ground;
    }

    /** From now on it reads all that the session is given. */
    public static void into(SessionLocal session, Ground ground) {
        try {
            int size = CACHE_SIZE.getInt(session);
            if (size <= 0) {
                CACHE_SIZE.setInt(session, 1); // Else H2 asks no cache. Ours keeps nothing all the same.
            }
            CACHE.set(session, StatementCache.of(Math.max(size, 0), new Reading(session, ground)));
            CACHED_AT.set(session, session.getDatabase().getModificationMetaId());
        } catch (IllegalAccessException e) {
            throw new AssertionError("made accessible when the class was loaded", e);
        }
    }

    /** The ground of what reads for a session; null if H2 does by itself. */
    public static @Nullable Ground groundOf(SessionLocal session) {
        return StatementCache.finds((SmallLRUCache<?, ?>) CACHE.get(session)) instanceof Reading ours
                ? ours.ground
                : null;
    }

    /**
     * Forgets the session's views, as they were read, if one may read a table or an index that has gone since this was
     * asked last; returns whether that is so. A statement that was read in between may have such a view in it.
     */
    public static boolean forgetViews(SessionLocal session) {
        return StatementCache.finds((SmallLRUCache<?, ?>) CACHE.get(session)) instanceof Reading ours
                && ours.forgetViews();
    }

    private boolean forgetViews() {
        int now = ground.departures();
        if (now == departures) {
            return false;
        }
        departures = now;
        session.clearViewIndexCache();
        return true;
    }

    @Override
    public @Nullable Object apply(@Nullable Object text, @Nullable Object kept) {
        if (text == null) {
            if (session.isClosed()) {
                ground.closes();
            }
            return null;
        }
        ground.checkMayRead((String) text);
        if (kept instanceof Command command && command.canReuse() || text.equals(reading)) {
            return kept;
        }
        forgetViews();
        @Nullable Object outer = reading;
        reading = text;
        try {
            Command read = read((String) text);
            if (read.getParameters().stream().anyMatch(ParameterInterface::isValueSet)) {
                return null; // As in ? = CALL: what comes out of a cache forgets such values, so H2 is to read it
                // itself.
            }
            for (int i = 0; i < MOST && forgetViews(); i++) {
                read = read((String) text);
            }
            keep((String) text, read);
            read.close(); // So it can be used: H2 thinks that the cache had it.
            return read;
        } finally {
            reading = outer;
        }
    }

    private Command read(String text) {
        return GoneTable.readAgain(
                session,
                failure -> GoneTable.mayBeWhy(failure) && ground.awaitDefinition(),
                () -> ours(session.prepareLocal(text)));
    }

    /** In the place of a command that H2 has just put there and nobody runs. */
    @SuppressWarnings("unchecked")
    private void keep(String text, Command read) {
        if (read.isCacheable()) {
            ((SmallLRUCache<String, Command>) CACHE.get(session)).replace(text, read);
        }
    }

    private Command ours(Command read) {
        if (LIST.isInstance(read)) {
            splitList(read);
            return read;
        }
        return read instanceof CommandContainer container ? ours(container) : read;
    }

    private CommandContainer ours(CommandContainer container) {
        String text = (String) TEXT.get((Command) container);
        return Definitions.contained(container).isTransactional()
                ? ground.placed(container, text)
                : new DefinitionCommand(container, text, this);
    }

    /**
     * H2 runs what it has read of a list as commands of its own. So that is to end before the first that would commit.
     */
    private void splitList(Command list) {
        List<Prepared> others = members(list);
        int first = 0;
        while (first < others.size() && others.get(first).isTransactional()) {
            first++;
        }
        // The parameters of a list are numbered through: what has some is left as it is.
        if (first == others.size() || !((ArrayList<?>) PARAMETERS.get(list)).isEmpty()) {
            return;
        }
        List<Prepared> later = others.subList(first, others.size());
        @Nullable String rest = (String) REST.get(list);
        REST.set(
                list,
                later.stream().map(Prepared::getSQL).collect(Collectors.joining("\n;"))
                        + (rest == null ? "" : "\n;" + rest));
        later.clear();
    }

    /** Those behind the first, in a list of ours. */
    @SuppressWarnings("unchecked")
    private List<Prepared> members(Command list) {
        try {
            FIRST.set(list, ours((CommandContainer) FIRST.get(list)));
            Members members = new Members((ArrayList<Prepared>) OTHERS.get(list), ground);
            OTHERS.set(list, members);
            return members;
        } catch (IllegalAccessException e) {
            throw new AssertionError("made accessible when the class was loaded", e);
        }
    }

    SessionLocal session() {
        return session;
    }

    /** Is there anything that a commit would commit? */
    boolean hasTransaction() {
        return H2Reflection.transaction(session) != null;
    }

    Ground ground() {
        return ground;
    }

    /**
     * The statements of a list that H2 runs as raw commands, each of which commits as it ends. H2 asks for the next one
     * then, and that is where a session that was closed meanwhile must not say that all is well.
     */
    private static final class Members extends ArrayList<Prepared> {
        private static final long serialVersionUID = 1;
        private final transient Ground ground;

        Members(List<Prepared> members, Ground ground) {
            super(members);
            this.ground = ground;
        }

        @Override
        public Iterator<Prepared> iterator() {
            Iterator<Prepared> members = super.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    ground.acknowledge();
                    return members.hasNext();
                }

                @Override
                public Prepared next() {
                    return members.next();
                }
            };
        }
    }
}
