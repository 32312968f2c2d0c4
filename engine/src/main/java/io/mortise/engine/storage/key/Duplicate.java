package io.mortise.engine.storage.key;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.storage.h2.StatementKinds;
import io.mortise.engine.storage.row.CurrentEntries;
import io.mortise.engine.storage.row.CurrentEntries.Entry;
import io.mortise.engine.storage.row.Holder;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.statement.RunningStatements;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.util.Optional;
import org.h2.api.ErrorCode;
import org.h2.command.Prepared;
import org.h2.index.Cursor;
import org.h2.index.Index;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVSecondaryIndex;
import org.h2.result.Row;
import org.jspecify.annotations.Nullable;

/**
 * A value of a unique key that is there already, met by a statement which does something else than to fail then. It
 * acts on the row that it sees and on no other, so that has to be the row that is there. One thread.
 */
final class Duplicate {
    private final StorageSession session;
    private final LockableTable table;
    private final Index index;
    private final Row row;
    private final Prepared statement;
    private final boolean mayRepeat;

    private Duplicate(StorageSession session, LockableTable table, Refused refused, Prepared statement) {
        this.session = session;
        this.table = table;
        this.index = refused.index;
        this.row = refused.row;
        this.statement = statement;
        this.mayRepeat = session.h2().getTransaction().allowNonRepeatableRead();
    }

    /** The row that storage has refused, and the index that has its value already. */
    private record Refused(Index index, Row row) {}

    /** @return empty if storage's refusal is another one, or the statement fails at a duplicate */
    static Optional<Duplicate> of(StorageSession session, LockableTable table, DbException refusal, Row row) {
        if (refusal.getErrorCode() != ErrorCode.DUPLICATE_KEY_1 || !(refusal.getSource() instanceof Index index)) {
            return Optional.empty();
        }
        return session.statements()
                .prepared()
                .map(statement -> new Duplicate(session, table, new Refused(index, row), statement))
                .filter(Duplicate::isActedOn);
    }

    private boolean isActedOn() {
        return mayRepeat
                ? StatementKinds.changesWhatItDoesNotInsert(statement)
                : StatementKinds.insertsWhatItDoesNotSee(statement);
    }

    /**
     * Was somebody faster? The statement's snapshot does not show the row that is there, or shows another in its place.
     *
     * @param waitedFor whose row this attempt has waited for, if any
     */
    boolean isNews(@Nullable LockTarget waitedFor) {
        long key = keyNow();
        boolean isKnown = isShown(key) && !(mayRepeat && mayHaveLookedBefore(waitedFor));
        // What the statement has inserted itself it will insert again.
        return !isKnown
                && Holder.slotOf(table, key) != session.h2().getTransaction().getId();
    }

    private boolean isShown(long key) {
        Cursor shown = index.find(session.h2(), row, row, false);
        return shown.next() && shown.getSearchRow().getKey() == key;
    }

    /**
     * Of the tables of a statement inside another H2 takes no snapshot: what it sees now it need not have seen when it
     * looked. Its first attempt does not count, and neither does one that has waited.
     */
    private boolean mayHaveLookedBefore(@Nullable LockTarget waitedFor) {
        return (waitedFor != null || !session.statements().isRepeated(1)) && StatementKinds.mayHoldAnother(statement);
    }

    private long keyNow() {
        return CurrentEntries.canRead(index)
                ? new CurrentEntries(session.h2(), index)
                        .find(row)
                        .map(Entry::row)
                        .orElse(row.getKey())
                : row.getKey();
    }

    /**
     * With a newer snapshot the statement finds what is there, so H2 is told to run it again; where the snapshot is the
     * transaction's, that would not help.
     */
    DbException lostRace() {
        if (mayRepeat && !session.statements().isRepeated(RunningStatements.MANY_REPEATS)) {
            return DbException.get(ErrorCode.CONCURRENT_UPDATE_1, table.getName());
        }
        throw session.waits().conflict(new LockTarget.Row(table.target(), keyNow()), Optional.empty());
    }

    /** Does an UPDATE of the row follow, by its unique value? */
    boolean isToBeChanged() {
        return StatementKinds.updatesDuplicates(statement);
    }

    /**
     * Locks the row that is there. Otherwise the UPDATE could find that it has gone meanwhile, or has another value,
     * and the statement would have neither inserted a row nor changed one.
     */
    void keep() {
        Cursor shown = index.find(session.h2(), row, row, false);
        Row locked = shown.next() ? table.lockRow(session.h2(), shown.get(), SessionWaits.AS_TOLD) : null;
        if (locked == null || index instanceof MVSecondaryIndex && index.compareRows(locked, row) != 0) {
            throw lostRace();
        }
    }
}
