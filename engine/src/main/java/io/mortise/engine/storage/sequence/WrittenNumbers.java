package io.mortise.engine.storage.sequence;

import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.transaction.OpenTransactions;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.ref.WeakReference;
import java.util.WeakHashMap;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.RootReference;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.SearchRow;
import org.h2.schema.Sequence;
import org.h2.value.Value;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * The last number that a session has had of each sequence, and the rule that nobody gets a number before the catalogue
 * says that it is taken. One thread, the one that is in the session.
 *
 * <p>H2 writes down that the next 32 numbers are taken when the first of them is due, we when the last before them is
 * ({@link NumberBlocks}). The session that meets the end of a block writes, and may wait for the catalogue first; the
 * others get numbers of the new block meanwhile, and may commit. If the process dies then, the rows are in the file and
 * the mark is not, and the numbers are given again. H2 enters each number here before its session uses it. So a session
 * with a number that is not written down waits for the session that writes, or writes itself.
 */
public final class WrittenNumbers extends WeakHashMap<Sequence, Value> {
    private static final int SQL = 3; // of the columns of the catalogue
    private static final Pattern START = Pattern.compile(" START WITH (-?\\d+)(?: RESTART WITH (-?\\d+))?");
    static final VarHandle NUMBERS;

    static {
        try {
            NUMBERS = MethodHandles.privateLookupIn(SessionLocal.class, MethodHandles.lookup())
                    .findVarHandle(SessionLocal.class, "currentValueFor", WeakHashMap.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private final SessionLocal session;
    private final MVMap<Long, VersionedValue<SearchRow>> catalogue;
    private final WeakHashMap<Sequence, Mark> marks = new WeakHashMap<>();
    private final NumberBlocks blocks;

    private WrittenNumbers(SessionLocal session, LongSupplier nanoTime) {
        this.session = session;
        this.blocks = new NumberBlocks(nanoTime);
        this.catalogue = NewSequences.catalogue(session.getDatabase());
    }

    /**
     * Has H2 enter here which numbers a new session gets.
     *
     * @param nanoTime the engine's clock
     */
    public static void into(SessionLocal session, LongSupplier nanoTime) {
        Database database = session.getDatabase();
        if (!database.isPersistent()) {
            NUMBERS.set(session, new NumberBlocks.InMemory());
        } else if (!database.isReadOnly()) {
            NUMBERS.set(session, new WrittenNumbers(session, nanoTime));
        }
    }

    /**
     * {@inheritDoc} A cycle gives its numbers again in any case, and the sequence of a temporary table goes with that.
     */
    @Override
    public @Nullable Value put(Sequence sequence, Value number) {
        if (NumberBlocks.isLast(sequence, number.getLong()) && blocks.take(sequence)) {
            sequence.flush(session);
        }
        if (sequence.getCycle() != Sequence.Cycle.CYCLE
                && !sequence.isTemporary()
                && !isWritten(sequence, number.getLong())) {
            write(sequence, number.getLong());
        }
        return super.put(sequence, number);
    }

    private void write(Sequence sequence, long number) {
        Database database = session.getDatabase();
        if (database.getLockMode() == 0) {
            return; // Nobody waits for anybody then.
        }
        SessionLocal system = database.getSystemSession();
        system.lock(); // Whoever writes a sequence down is inside, and done when we are.
        system.unlock();
        if (!isWritten(sequence, number)) {
            sequence.flush(session);
        }
    }

    private boolean isWritten(Sequence sequence, long number) {
        RootReference<?, ?> state = catalogue.getRoot();
        Mark mark = marks.get(sequence);
        if (mark == null || !mark.isOf(state)) {
            mark = mark(sequence, state, mark);
            marks.put(sequence, mark);
        }
        return mark.next.isBehind(number, sequence.getIncrement());
    }

    private Mark mark(Sequence sequence, RootReference<?, ?> state, @Nullable Mark before) {
        VersionedValue<SearchRow> row = catalogue.get((long) sequence.getId());
        if (before != null && before.row == row) {
            return new Mark(state, row, before.next);
        }
        SearchRow sure = row == null ? null : isOwn(row) ? row.getCurrentValue() : row.getCommittedValue();
        return new Mark(
                state,
                row,
                sure == null ? Next.NONE : Next.of(sure.getValue(SQL).getString()));
    }

    /**
     * Who holds the catalogue writes a sequence in its own transaction, which commits what it inserts and that
     * together.
     */
    private boolean isOwn(VersionedValue<SearchRow> row) {
        Transaction transaction = H2Reflection.transaction(session);
        return transaction != null && OpenTransactions.slotOf(row) == transaction.getId();
    }

    /** What one state of the catalogue says of a sequence. */
    private static final class Mark {
        /** Weak: a session that is idle keeps no old pages. */
        private final WeakReference<RootReference<?, ?>> state;

        private final @Nullable VersionedValue<SearchRow> row;
        private final Next next;

        Mark(RootReference<?, ?> state, @Nullable VersionedValue<SearchRow> row, Next next) {
            this.state = new WeakReference<>(state);
            this.row = row;
            this.next = next;
        }

        boolean isOf(RootReference<?, ?> current) {
            return state.refersTo(current);
        }
    }

    /** With which number a sequence goes on when the database is opened again, and which are sure to be taken then. */
    record Next(Kind kind, long number) {
        private enum Kind {
            NOWHERE,
            AT_NUMBER,
            EXHAUSTED
        }

        private static final Next NONE = new Next(Kind.NOWHERE, 0);

        static Next of(String sql) {
            String options = sql.substring(sql.lastIndexOf('"') + 1); // A name may say anything.
            Matcher start = START.matcher(options);
            if (!start.find()) {
                return NONE;
            }
            String number = start.group(2) == null ? start.group(1) : start.group(2);
            return new Next(options.contains(" EXHAUSTED") ? Kind.EXHAUSTED : Kind.AT_NUMBER, Long.parseLong(number));
        }

        boolean isBehind(long given, long increment) {
            return kind == Kind.EXHAUSTED
                    || kind == Kind.AT_NUMBER && (increment > 0 ? given < number : given > number);
        }
    }
}
