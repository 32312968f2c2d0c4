package io.mortise.engine.storage.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.serial.Extent;
import io.mortise.engine.serial.Refusal;
import io.mortise.engine.serial.SerialTransaction;
import io.mortise.engine.serial.SerialTransaction.Kind;
import io.mortise.engine.serial.Serializer;
import io.mortise.engine.serial.Serializer.Written;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.transaction.SessionWriter;
import io.mortise.engine.storage.waiting.Refusals;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.SearchRow;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * The serializable transaction of a session, if it is in one that locks nothing it reads. Used by the thread that is in
 * the session, but for {@link #isCommittingUnasked}, which answers every thread and says yes to that one only.
 *
 * <p>Whatever is read is noted as a whole table, unless who reads it knows better and says what it was.
 */
public final class SerialSession {
    private final SessionLocal h2;
    private final SessionWriter session;
    private final Serializing database;
    private final Refusals refusals;
    private final Supplier<StatementRecord> running;
    private final BooleanSupplier isDefinition;

    private volatile @Nullable SessionNotes now;
    /** Is what is read noted by who reads it, and not as a whole table? No reference: the collector minds those. */
    private boolean isByReader;
    /** Is it a definition's own, such as CREATE TABLE AS? What that has made is in memory by the time H2 commits it. */
    private boolean isOfDefinition;

    private long beganNanos;
    /** Has it had such a transaction? */
    private boolean isKnown;

    private final Consumer<MVMap<?, ?>> asked = this::asked;
    private final SessionNotes.Home home;
    private final SafeSnapshot safe;

    public SerialSession(SessionWriter session, Serializing database, Refusals refusals, Surroundings surroundings) {
        this.session = session;
        this.h2 = session.h2();
        this.database = database;
        this.refusals = refusals;
        this.isDefinition = surroundings.isDefinition();
        this.running = surroundings.running();
        this.home = new SessionNotes.Home(h2, database, surroundings);
        this.safe = new SafeSnapshot(session, database, surroundings.waits());
    }

    private Serializer serializer() {
        return database.serializer();
    }

    /** Is it in a serializable transaction that has taken its snapshot? */
    public boolean isOpen() {
        return now != null;
    }

    /** Is this transaction of the store's the one that has the snapshot? */
    public boolean isOpenIn(Transaction transaction) {
        SessionNotes mine = now;
        return mine != null && mine.of == transaction;
    }

    /** When the snapshot was about to be taken, on the engine's clock; 0 outside a transaction. */
    public long beganNanos() {
        return beganNanos;
    }

    /** How its transactions get snapshots that nothing can make wrong, if they are to. */
    public SafeSnapshot safe() {
        return safe;
    }

    /** Is it in a transaction that has waited for such a snapshot? */
    public boolean isDeferred() {
        SessionNotes mine = now;
        return mine != null && mine.by.kind() == Kind.DEFERS;
    }

    /** The first table is about to be read or written, and what had to be waited for has been: takes the snapshot. */
    public void begin(LongSupplier clock) {
        Transaction transaction = h2.getTransaction();
        SessionNotes before = now;
        if (before != null && before.of == transaction) {
            return;
        }
        if (before != null) {
            // An Error has kept H2 from telling. If it was rolled back, it counts for more than it was.
            serializer().committed(before.by);
            forget();
        }
        Kind kind = safe.kind();
        if (kind == Kind.DEFERS && !isDefinition.getAsBoolean()) {
            safe.awaitBranches();
            takeSafe(transaction, clock);
        } else {
            take(transaction, isDefinition.getAsBoolean() ? Kind.DEFINES : kind, clock.getAsLong());
        }
    }

    /** Nothing has been read yet, so one snapshot is as good as another. */
    private void takeSafe(Transaction transaction, LongSupplier clock) {
        boolean isSafe = false;
        while (!isSafe) {
            SerialTransaction begun = take(transaction, Kind.DEFERS, clock.getAsLong());
            try {
                isSafe = safe.await(begun);
            } finally {
                if (!isSafe) {
                    serializer().rolledBack(begun);
                    forget();
                }
            }
        }
    }

    private SerialTransaction take(Transaction transaction, Kind kind, long nanos) {
        SerialTransaction begun = serializer().begin(session.owner().id(), kind);
        now = new SessionNotes(home, begun, transaction);
        isOfDefinition = kind == Kind.DEFINES;
        beganNanos = nanos;
        if (!isKnown) {
            isKnown = true;
            database.begun(this);
        }
        StoreReflection.setMaps(transaction, new WatchedMaps(database.snapshot(), asked));
        serializer().seen(begun);
        return begun;
    }

    /** From now on what is read is noted so. Returns how it was until now, to be put back. */
    public Noted reads(Noted how) {
        Noted was = isByReader ? Noted.BY_READER : Noted.BY_TABLE;
        isByReader = how == Noted.BY_READER;
        return was;
    }

    private void asked(MVMap<?, ?> map) {
        SessionNotes mine = now;
        if (mine != null && !isByReader) {
            mine.asked(map);
        }
    }

    /** A part of a table is read, whatever is there; throws if the transaction has to give way. */
    public void look(Table table, Extent extent) {
        SessionNotes mine = now;
        if (mine != null && mine.look(table, extent)) {
            check();
        }
    }

    /** The same of all of the table. */
    public void lookAtAll(Table table) {
        SessionNotes mine = now;
        if (mine != null && mine.lookAtAll(table)) {
            check();
        }
    }

    /** A row is written, as it was or as it will be; throws if the transaction has to give way. */
    public void wrote(Table table, SearchRow row) {
        SessionNotes mine = now;
        if (mine != null && mine.wrote(table, row)) {
            check();
        }
    }

    private void check() {
        if (isToGiveWay()) {
            throw DbException.convert(refusal().orElseThrow());
        }
    }

    /** Why the transaction has to give way; from now on it can only be rolled back if it does. */
    public Optional<SQLException> refusal() {
        return why().map(refusals::gaveWay);
    }

    /** Has its transaction to give way? For any thread. */
    public boolean isToGiveWay() {
        return why().isPresent();
    }

    /** Why its transaction has to give way, if it has to. For any thread. */
    public Optional<Refusal> why() {
        SessionNotes mine = now;
        return mine == null ? Optional.empty() : mine.by.refusal();
    }

    /** Who of the serializable transactions has changed a row since the snapshot, if that is known one by one. */
    public Optional<Written> writerOf(LockTarget.Row row) {
        SessionNotes mine = now;
        return mine == null
                ? Optional.empty()
                : serializer().writerOf(mine.by, row.table(), image -> ((KeyRow) image).number() == row.key());
    }

    /**
     * The transaction is about to commit or to be prepared.
     *
     * @return why it may not; if it may, nobody can refuse it any more
     */
    public Optional<SQLException> commits() {
        SessionNotes mine = now;
        return mine == null
                ? Optional.empty()
                : mine.decided(serializer().commits(mine.by)).map(refusals::gaveWay);
    }

    /** Does H2 refuse to commit here, in a trigger? It would prepare. Its own answer can only be set and put back. */
    public boolean isHeldOpen() {
        boolean isInTrigger = h2.setCommitOrRollbackDisabled(true);
        h2.setCommitOrRollbackDisabled(isInTrigger);
        return isInTrigger && !h2.getLocks().isEmpty();
    }

    /** Does the calling thread commit here, on a way on which nobody has asked whether it may? For any thread. */
    boolean isCommittingUnasked() {
        SessionNotes mine = now;
        if (mine == null || !h2.isLockedByCurrentThread() || isOfDefinition || running.get() != StatementRecord.NONE) {
            return false;
        }
        Transaction transaction = H2Reflection.transaction(h2);
        return transaction == mine.of && mine.of.getStatus() == Transaction.STATUS_OPEN;
    }

    /**
     * H2 commits in a moment, or is already about it and has committed nothing.
     *
     * @return why not: then the transaction has been rolled back, and the next statement begins another
     */
    public Optional<SQLException> commitsInH2() {
        Optional<SQLException> why = commits();
        if (why.isPresent()) {
            h2.rollback();
            refusals.forgive();
            if (why.get() instanceof RoutedErrors.Conflict conflict) {
                conflict.rolledBack();
            }
        }
        return why;
    }

    /** H2 says that the transaction is committed, or that the session goes and leaves it prepared. */
    public void committed() {
        ended(mine -> serializer().committed(mine));
    }

    /** H2 says that the transaction is rolled back, or that the session goes. */
    public void rolledBack() {
        ended(mine -> serializer().rolledBack(mine));
    }

    private void ended(Consumer<SerialTransaction> end) {
        SessionNotes mine = now;
        if (mine == null) {
            return;
        }
        forget();
        if (mine.of.getStatus() == Transaction.STATUS_PREPARED) {
            database.leftPrepared(mine.of, mine.by);
        } else {
            end.accept(mine.by);
        }
    }

    private void forget() {
        now = null;
        isByReader = false;
        beganNanos = 0;
    }

    /** The session is no more. */
    public void gone() {
        rolledBack();
        database.over(this);
    }
}
