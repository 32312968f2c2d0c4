package io.mortise.engine.storage.command;

import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.storage.definition.Definitions;
import io.mortise.engine.storage.ending.LateEnding;
import io.mortise.engine.storage.h2.StatementKinds;
import io.mortise.engine.storage.session.LockableTable;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.slot.LookingMutex;
import io.mortise.engine.storage.statement.WireStatements;
import java.sql.SQLException;
import java.util.Optional;
import org.h2.api.ErrorCode;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.message.DbException;
import org.h2.table.Table;

/**
 * Why a statement may not begin, or has failed although it has done its work; and what a serializable transaction notes
 * of it. Stateless.
 */
public final class Verdicts {
    private Verdicts() {}

    /**
     * Has the transaction to give way? Where the statement that begins is about to end it, that is decided for good.
     */
    public static Optional<SQLException> gaveWay(StorageSession session) {
        int type = session.statements().type();
        boolean goesOn = StatementKinds.keepsTransaction(type)
                || type != CommandInterface.PREPARE_COMMIT && session.serial().isHeldOpen();
        return goesOn ? session.serial().refusal() : session.serial().commits();
    }

    /** Can there be a reason why the outermost statement may not begin? Nearly free; no means no. */
    static boolean isDisturbed(StorageSession session) {
        return session.endings().isDisturbed() || mayGiveWay(session) || LookingMutex.isLooking(session.h2());
    }

    /** Has the transaction to give way, or is that decided now for good? */
    private static boolean mayGiveWay(StorageSession session) {
        return session.serial().isOpen()
                && (session.serial().isToGiveWay()
                        || !StatementKinds.keepsTransaction(session.statements().type()));
    }

    /** Why the outermost statement may not begin. */
    public static Optional<SQLException> refusal(StorageSession session) {
        return session.statements().type() == CommandInterface.ROLLBACK
                        || WireStatements.isGetter(session.h2(), session.statements())
                ? Optional.empty()
                : session.endings().refusal().or(() -> gaveWay(session)).or(() -> noSlot(session));
    }

    /** Is there no room for the transaction that the statement needs? */
    public static Optional<SQLException> noSlot(StorageSession session) {
        return session.storage().slotRefusals().refusal(session.h2());
    }

    /**
     * Has the innermost statement done what no roll-back undoes (changed the catalogue, ended the transaction), or
     * nothing?
     */
    public static boolean isForGood(StorageSession session) {
        Command command = session.h2().getCurrentCommand();
        return StatementKinds.isForGood(session.statements().type())
                || command != null && Definitions.commits(command)
                || WireStatements.isGetter(session.h2(), session.statements());
    }

    /** The outermost statement has done its work: why it ends with an error all the same. */
    public static Optional<SQLException> verdict(StorageSession session) {
        boolean commits = session.h2().getAutoCommit();
        Optional<SQLException> gaveWay =
                commits ? session.serial().commits() : session.serial().refusal();
        return gaveWay.isPresent() ? gaveWay : session.endings().verdict();
    }

    /**
     * A statement that H2 runs has ended with this. Throws what its client is told instead, if that is something else.
     * H2 tells that to a client of another process too.
     */
    static void tell(StorageSession session, Throwable thrown) {
        LateEnding.tell(thrown);
        if (thrown instanceof DbException failure) {
            throw why(session, failure);
        }
    }

    /** The failure of a statement: H2 calls it cancelled where its transaction had to give way to others. */
    static DbException why(StorageSession session, DbException failure) {
        boolean hasGivenWay = failure.getErrorCode() == ErrorCode.STATEMENT_WAS_CANCELED
                && session.told().filter(told -> told.end() == WaitEnd.GAVE_WAY).isPresent();
        return hasGivenWay
                ? session.serial().refusal().map(DbException::convert).orElse(failure)
                : failure;
    }

    /**
     * H2 commits a batch in autocommit with its last row. It has been decided that this one commits, so what the next
     * one reads and writes must not be the same transaction's.
     */
    public static void commitRow(StorageSession session) {
        Command command = session.h2().getCurrentCommand();
        boolean commits = session.serial().isOpen() && session.h2().getAutoCommit();
        if (commits && command != null && !command.isQuery()) {
            try {
                session.h2().commit(false);
            } catch (DbException e) {
                LateEnding.fail(e.getSQLException());
            }
        }
    }

    /**
     * A result that is read while it is fetched may be read on when its statement has long ended: all of its tables are
     * noted.
     */
    public static void noteStream(StorageSession session) {
        Command command = session.h2().getCurrentCommand();
        if (session.h2().isLazyQueryExecution() && session.situation().isSerializable() && command != null) {
            for (Object object : command.getDependencies()) {
                if (object instanceof LockableTable table) {
                    table.lock(session.h2(), Table.READ_LOCK);
                    session.serial().lookAtAll(table);
                }
            }
        }
    }

    /** Is a statement that has failed with this run again? */
    static boolean isRepeated(int errorCode) {
        return errorCode == ErrorCode.CONCURRENT_UPDATE_1
                || errorCode == ErrorCode.ROW_NOT_FOUND_IN_PRIMARY_INDEX
                || errorCode == ErrorCode.ROW_NOT_FOUND_WHEN_DELETING_1;
    }
}
