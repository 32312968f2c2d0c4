package io.mortise.engine.storage.statement;

import io.mortise.engine.backend.StatementMarks;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.policy.StatementKind;
import io.mortise.engine.storage.count.BatchRows;
import io.mortise.engine.storage.h2.BoundValues;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.StatementKinds;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.sequence.NewSequences;
import io.mortise.engine.storage.transaction.SessionWriter;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.Transaction;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * The statements that a session runs now, the outermost first: a trigger or a function runs statements inside one. Used
 * by the thread that runs them, under H2's mutex of the session.
 *
 * <p>H2 says when a statement starts, ends and fails. It says start again when it repeats a statement after a conflict,
 * and nothing when a part of a list of statements fails. What each belongs to is told by how often the thread has
 * entered the session: an inner statement enters it once more.
 */
public final class RunningStatements {
    public static final int MANY_REPEATS = 100; // once more will not help
    private static final long UNCOUNTED = -1;

    private final SessionWriter session;
    private final StatementJournal journal;
    private final Frames frames;
    private final NewSequences newSequences = new NewSequences();
    private long counted = UNCOUNTED; // by H2, of the innermost statement, when that is about to end
    private final BatchRows batch;
    private int repeats; // of the innermost
    private @Nullable Command sharingKnownOf;
    private boolean sharing;
    private @Nullable StatementRecord announced;
    private @Nullable Table asked;
    private StatementRecord askedBy = StatementRecord.NONE;
    /** What those who serve the statements need to know until they end, by who they are. Made with the first. */
    private @Nullable Map<Note<?>, Object> notes;

    public RunningStatements(SessionWriter session, StatementJournal journal) {
        this.session = session;
        this.journal = journal;
        this.frames = new Frames(session.owner());
        this.batch = new BatchRows(journal.entries(), session.owner());
    }

    public BatchRows batch() {
        return batch;
    }

    public void announce(StatementRecord statement) {
        announced = statement;
    }

    /** The next outermost statement, if it has been announced. */
    public Optional<StatementRecord> announced() {
        return Optional.ofNullable(announced);
    }

    /** When that was handed over, on the engine's clock; this, if none has been announced. */
    public long announcedSince(long otherwise) {
        return announced == null ? otherwise : announced.startNanos();
    }

    public boolean isEmpty() {
        return frames.isEmpty();
    }

    /** Kept until the outermost statement ends, however it does; then forgotten. */
    public <T> void note(Note<T> note, T what) {
        notes = notes == null ? new HashMap<>() : notes;
        notes.put(note, what);
    }

    @SuppressWarnings("unchecked") // #note is the only way in.
    public <T> Optional<T> noted(Note<T> note) {
        return notes == null ? Optional.empty() : Optional.ofNullable((T) notes.get(note));
    }

    /** Is one of the statements one that changes the catalogue? A function or an EXECUTE IMMEDIATE may run one. */
    public boolean isDefinition() {
        return frames.isAnyDefinition();
    }

    /** Is a statement around the innermost one such a one? */
    public boolean isAround(Predicate<Command> is) {
        return frames.isAround(is);
    }

    /** The table that the innermost statement alters. */
    public Optional<Table> altered() {
        return isDefinition()
                ? prepared().flatMap(prepared -> H2Reflection.alteredTable(session.h2(), prepared))
                : Optional.empty();
    }

    /** Is the outermost statement an ALTER that makes a copy of its table? */
    public boolean isCopying() {
        return StatementKinds.isCopying(type());
    }

    /** Is the outermost statement a definition that is to hold nobody up while it waits? */
    public boolean waitsLast() {
        Command outermost = frames.outermost();
        return outermost != null
                && isDefinition()
                && H2Reflection.prepared(outermost).getSQL().contains(StatementMarks.LOW_PRIORITY);
    }

    public Optional<Prepared> prepared() {
        Command innermost = frames.command();
        return innermost == null ? Optional.empty() : Optional.of(H2Reflection.prepared(innermost));
    }

    public boolean isRepeated(int times) {
        return repeats >= times;
    }

    /** The innermost statement; {@link StatementRecord#NONE} if none runs. */
    public StatementRecord record() {
        return frames.record();
    }

    /** Has the innermost statement asked for what a policy locks up front on a table? True from the second time on. */
    public boolean hasAsked(Table table) {
        boolean again = asked == table && askedBy == record();
        asked = table;
        askedBy = record();
        return again;
    }

    public boolean isSetting() {
        Command outermost = frames.outermost();
        return outermost != null && outermost.getCommandType() == CommandInterface.SET;
    }

    /** The innermost statement's, in H2's numbering. */
    public int type() {
        Command innermost = frames.command();
        return innermost == null ? CommandInterface.UNKNOWN : innermost.getCommandType();
    }

    public StatementKind kind() {
        Command innermost = frames.command();
        return innermost == null ? StatementKind.OTHER : StatementKinds.of(innermost);
    }

    /** Is the innermost statement a query that locks its rows shared? For every row, so the answer is kept. */
    public boolean isSharing() {
        Command innermost = frames.command();
        if (innermost != null && innermost != sharingKnownOf) {
            sharing = kind().sharesSelectedRows();
            sharingKnownOf = innermost;
        }
        return innermost != null && sharing;
    }

    /** True if an outermost statement has begun, and not again. */
    public boolean starts(String sql) {
        int depth = H2Reflection.depth(session.h2());
        Command command = session.h2().getCurrentCommand();
        while (!frames.isEmpty() && frames.innermost().depth >= depth) {
            if (frames.innermost().isRepeated(depth, command, sql)) {
                repeats++;
                undo();
                lookAgain();
                return false;
            }
            pop(journal.now());
        }
        boolean isInBatch = frames.isEmpty() && batch.goesOn(command);
        StatementRecord record = isInBatch ? session.owner().statement() : record(sql, command);
        begin(frames.push(depth, command, sql, record), record);
        return frames.isOne();
    }

    private StatementRecord record(String sql, @Nullable Command command) {
        StatementRecord given = frames.isEmpty() ? announced : null;
        announced = given == null ? announced : null;
        StatementRecord record = given == null ? journal.describe(sql, "").inside(record()) : given;
        return batch.isShowingValues() ? BoundValues.shownBehind(record, command) : record;
    }

    private void begin(Frames.Frame frame, StatementRecord record) {
        repeats = 0;
        counted = UNCOUNTED;
        Transaction transaction = H2Reflection.transaction(session.h2());
        frame.savepoint = transaction == null ? 0 : transaction.setSavepoint();
        session.writings().begins(frame.savepoint, record);
        if (frames.isOne()) {
            batch.starts(record, frame.command);
        } else {
            batch.startsInside(record);
        }
        newSequences.starts(frame.command);
    }

    /** Time has passed since the statement's snapshot: what is read under the lock must be what is there now. */
    public void lookAgain() {
        SessionLocal h2 = session.h2();
        if (h2.getTransaction().allowNonRepeatableRead() && !isDefinition()) {
            h2.startStatementWithinTransaction(frames.command());
        }
    }

    /** The innermost statement has succeeded, and this is the update count that the client is given. */
    public void counted(long rows) {
        counted = rows;
    }

    public boolean isLast() {
        return isThisOne() && frames.isOne();
    }

    /** Does the innermost statement end or fail now? Forgets those inside it that have failed in silence. */
    public boolean isThisOne() {
        int depth = H2Reflection.depth(session.h2());
        while (!frames.isEmpty() && frames.innermost().depth > depth) {
            pop(journal.now());
        }
        return !frames.isEmpty() && frames.innermost().depth == depth;
    }

    /** True if the outermost statement has ended. */
    public boolean ends() {
        if (!isThisOne()) {
            return false;
        }
        StatementRecord ended = record();
        Command command = frames.innermost().command;
        long now = journal.endOf(ended, command);
        long rows = command != null && command.isQuery() ? UNCOUNTED : counted;
        counted = UNCOUNTED;
        pop(now);
        batch.ends(ended, now, rows, 0);
        return frames.isEmpty();
    }

    public boolean fails(SQLException error) {
        int depth = H2Reflection.depth(session.h2());
        long now = journal.now();
        while (!frames.isEmpty() && frames.innermost().depth >= depth) {
            StatementRecord failed = record();
            pop(now);
            batch.ends(failed, now, UNCOUNTED, error.getErrorCode());
            journal.raised(failed, now, error);
        }
        return frames.isEmpty();
    }

    private void pop(long now) {
        frames.pop();
        if (frames.isEmpty()) {
            Optional.ofNullable(notes).ifPresent(Map::clear);
            session.owner().ends(now);
        } else {
            StatementRecord outer = record();
            Transaction transaction = H2Reflection.transaction(session.h2());
            session.writings().begins(transaction == null ? 0 : transaction.setSavepoint(), outer);
        }
    }

    /** The transaction has ended; within a statement, if that commits it. */
    public void transactionEnded() {
        newSequences.transactionEnded(session.h2().getDatabase());
        session.writings().ended();
        frames.forgetSavepoints();
        if (!frames.isEmpty()) {
            session.writings().begins(0, record());
        }
    }

    /**
     * Undoes what the innermost statement has done. H2 repeats a statement that met a row in change, and undoes
     * nothing. A DELETE of a parent would find nothing to do the second time, and the children would stay.
     */
    public void undo() {
        Transaction transaction = H2Reflection.transaction(session.h2());
        if (transaction != null
                && transaction.getStatus() == Transaction.STATUS_OPEN
                && transaction.setSavepoint() > frames.innermost().savepoint) {
            transaction.rollbackToSavepoint(frames.innermost().savepoint);
            StoreReflection.settle(transaction);
        }
    }
}
