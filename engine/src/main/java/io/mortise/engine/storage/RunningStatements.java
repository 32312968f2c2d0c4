package io.mortise.engine.storage;

import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.policy.StatementKind;
import io.mortise.engine.storage.count.BatchRows;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.mvstore.tx.Transaction;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * The statements that a session runs now, the outermost first: a trigger or a function runs statements inside one. Used by
 * the thread that runs them, under H2's mutex of the session.
 *
 * <p>H2 says when a statement starts, ends and fails, but says start again when it repeats a statement after a conflict,
 * and says nothing of a part of a list of statements that fails. What each belongs to is told by how often the thread has
 * entered the session: an inner statement enters it once more.
 */
final class RunningStatements {
    private static final StatementRecord[] NO_RECORDS = {};
    static final int MANY_REPEATS = 100; // once more will not help
    private static final long UNCOUNTED = -1;

    private final StorageSession session;
    private final Storage storage;
    private int size;
    private int[] depths = {};
    private StatementRecord[] records = NO_RECORDS;
    private @Nullable Command[] commands = {};
    /** Where the undo log of each begins: a statement is undone to there before it is repeated. */
    private long[] savepoints = {};
    /** What H2 has counted of the innermost statement, which is about to end; {@link #UNCOUNTED} before that. */
    private long counted = UNCOUNTED;

    private final BatchRows batch;
    private int repeats; // of the innermost
    private @Nullable Command sharingKnownOf;
    private boolean sharing;
    private @Nullable StatementRecord announced;
    private @Nullable LockingTable asked;
    private StatementRecord askedBy = StatementRecord.NONE;
    /** What those who serve the statements need to know until they end, by who they are. */
    private final Map<Object, Object> notes = new HashMap<>();

    RunningStatements(StorageSession session, Storage storage) {
        this.session = session;
        this.storage = storage;
        this.batch = new BatchRows(session.journal());
    }

    BatchRows batch() {
        return batch;
    }

    /** The next outermost statement is this one. */
    void announce(StatementRecord statement) {
        announced = statement;
    }

    boolean isAnnounced() {
        return announced != null;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Kept until the outermost statement ends, however it does; then forgotten. */
    void note(Object by, Object what) {
        notes.put(by, what);
    }

    Optional<Object> noted(Object by) {
        return Optional.ofNullable(notes.get(by));
    }

    /** Is the outermost statement one that changes the catalogue? */
    boolean isDefinition() {
        Command outermost = size == 0 ? null : commands[0];
        return outermost != null && StatementKinds.isDefinition(outermost.getCommandType());
    }

    /** The table that the innermost statement alters. */
    Optional<Table> altered() {
        return isDefinition()
                ? prepared().flatMap(prepared -> H2Reflection.alteredTable(session.h2(), prepared))
                : Optional.empty();
    }

    /** Is the outermost statement an ALTER that makes a copy of its table? */
    boolean isCopying() {
        return StatementKinds.isCopying(type());
    }

    /** Is the outermost statement a definition that is to hold nobody up while it waits? */
    boolean waitsLast() {
        Command outermost = size == 0 ? null : commands[0];
        return outermost != null
                && isDefinition()
                && H2Reflection.prepared(outermost).getSQL().contains(StorageCommands.LOW_PRIORITY);
    }

    /** The innermost statement as H2 has read it; empty if none runs. */
    Optional<Prepared> prepared() {
        Command innermost = size == 0 ? null : commands[size - 1];
        return innermost == null ? Optional.empty() : Optional.of(H2Reflection.prepared(innermost));
    }

    /** Has H2 repeated the innermost statement so often? */
    boolean isRepeated(int times) {
        return repeats >= times;
    }

    /** The innermost statement; {@link StatementRecord#NONE} if none runs. */
    StatementRecord record() {
        return size == 0 ? StatementRecord.NONE : records[size - 1];
    }

    /** Has the innermost statement asked for what a policy locks up front on a table? True from the second time on. */
    boolean hasAsked(LockingTable table) {
        boolean again = asked == table && askedBy == record();
        asked = table;
        askedBy = record();
        return again;
    }

    /** Is the outermost statement SET? */
    boolean isSetting() {
        Command outermost = size == 0 ? null : commands[0];
        return outermost != null && outermost.getCommandType() == CommandInterface.SET;
    }

    /** What the innermost statement is, in H2's numbering; {@link CommandInterface#UNKNOWN} if none runs. */
    int type() {
        Command innermost = size == 0 ? null : commands[size - 1];
        return innermost == null ? CommandInterface.UNKNOWN : innermost.getCommandType();
    }

    /** What the innermost statement is to a lock policy. */
    StatementKind kind() {
        Command innermost = size == 0 ? null : commands[size - 1];
        return innermost == null ? StatementKind.OTHER : StatementKinds.of(innermost);
    }

    /** Is the innermost statement a query that locks its rows shared? Asked for every row, so the answer is kept. */
    boolean isSharing() {
        Command innermost = size == 0 ? null : commands[size - 1];
        if (innermost != null && innermost != sharingKnownOf) {
            sharing = kind().sharesSelectedRows();
            sharingKnownOf = innermost;
        }
        return innermost != null && sharing;
    }

    /** True if an outermost statement has begun, and not again. */
    boolean starts(String sql) {
        int depth = H2Reflection.depth(session.h2());
        Command command = session.h2().getCurrentCommand();
        while (size > 0 && depths[size - 1] >= depth) {
            if (depths[size - 1] == depth && commands[size - 1] == command) {
                repeats++;
                undo();
                session.transactionLocks().lookAgain();
                return false;
            }
            pop(storage.clock().getAsLong());
        }
        Optional<StatementRecord> known = size == 0 ? batch.goesOn(command) : Optional.empty();
        push(depth, command, known.orElseGet(() -> record(sql, command)));
        return size == 1;
    }

    private StatementRecord record(String sql, @Nullable Command command) {
        StatementRecord given = size == 0 ? announced : null;
        if (given != null) {
            announced = null;
        }
        StatementRecord record = given == null ? session.describe(sql, "") : given;
        return batch.isShowingValues() ? BoundValues.shownBehind(record, command) : record;
    }

    private void push(int depth, @Nullable Command command, StatementRecord record) {
        if (size == depths.length) {
            int room = size + 4;
            depths = Arrays.copyOf(depths, room);
            records = Arrays.copyOf(records, room);
            commands = Arrays.copyOf(commands, room);
            savepoints = Arrays.copyOf(savepoints, room);
        }
        repeats = 0;
        counted = UNCOUNTED;
        depths[size] = depth;
        commands[size] = command;
        records[size] = record;
        Transaction transaction = H2Reflection.transaction(session.h2());
        savepoints[size] = transaction == null ? 0 : transaction.setSavepoint();
        session.writings().begins(savepoints[size], record);
        size++;
        session.owner().starts(record);
        batch.starts(record, command, size == 1);
    }

    /** The innermost statement has succeeded, and this is the update count that the client is given. */
    void counted(long rows) {
        counted = rows;
    }

    /** Does the outermost statement end now? */
    boolean isLast() {
        return isThisOne() && size == 1;
    }

    /** Does the innermost statement end or fail now? Forgets those inside it that have failed in silence. */
    boolean isThisOne() {
        int depth = H2Reflection.depth(session.h2());
        while (size > 0 && depths[size - 1] > depth) {
            pop(storage.clock().getAsLong());
        }
        return size > 0 && depths[size - 1] == depth;
    }

    /** True if the outermost statement has ended. */
    boolean ends() {
        if (!isThisOne()) {
            return false;
        }
        StatementRecord ended = records[size - 1];
        long now = storage.clock().getAsLong();
        Command command = commands[size - 1];
        long rows = command != null && command.isQuery() ? UNCOUNTED : counted;
        counted = UNCOUNTED;
        pop(now);
        batch.ends(ended, now, rows, 0);
        return size == 0;
    }

    boolean fails(SQLException error) {
        int depth = H2Reflection.depth(session.h2());
        long now = storage.clock().getAsLong();
        while (size > 0 && depths[size - 1] >= depth) {
            StatementRecord failed = records[size - 1];
            pop(now);
            batch.ends(failed, now, UNCOUNTED, error.getErrorCode());
            storage.journal().errorRaised(session.owner().id(), failed, now, error);
        }
        return size == 0;
    }

    private void pop(long now) {
        size--;
        commands[size] = null;
        records[size] = StatementRecord.NONE;
        if (size == 0) {
            if (!notes.isEmpty()) {
                notes.clear();
            }
            session.owner().ends(now);
        } else {
            session.owner().starts(records[size - 1]);
            writesOn();
        }
    }

    /** The innermost statement writes what is written from now on. */
    private void writesOn() {
        Transaction transaction = H2Reflection.transaction(session.h2());
        session.writings().begins(transaction == null ? 0 : transaction.setSavepoint(), records[size - 1]);
    }

    /** The transaction has ended; within a statement, if that commits it. */
    void transactionEnded() {
        session.writings().ended();
        Arrays.fill(savepoints, 0, size, 0);
        if (size > 0) {
            session.writings().begins(0, records[size - 1]);
        }
    }

    /**
     * Undoes what the innermost statement has done, as H2 does not when it repeats one that has met a row which somebody
     * else is changing: its DELETE of a parent would find nothing to do the second time, and its children would stay.
     */
    void undo() {
        Transaction transaction = H2Reflection.transaction(session.h2());
        if (transaction != null
                && transaction.getStatus() == Transaction.STATUS_OPEN
                && transaction.setSavepoint() > savepoints[size - 1]) {
            transaction.rollbackToSavepoint(savepoints[size - 1]);
            StoreReflection.settle(transaction);
        }
    }
}
