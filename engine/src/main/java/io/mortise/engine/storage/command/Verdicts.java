package io.mortise.engine.storage.command;

import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.storage.definition.DefinitionCommand;
import io.mortise.engine.storage.definition.Definitions;
import io.mortise.engine.storage.ending.LateEnding;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.RoutedErrors;
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
import org.h2.engine.DbObject;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.h2.table.DataChangeDeltaTable;
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

    /** Is there a reason why the innermost statement, which is not the outermost, may not begin? */
    public static boolean isRefusedInside(StorageSession session) {
        return held(session).isPresent()
                || session.endings().isLost()
                || noSlot(session).or(() -> gaveWay(session)).isPresent();
    }

    /**
     * Would a function end the transaction of the statement that calls it? H2 allows that. At SERIALIZABLE nobody would
     * note, or lock, what that statement goes on to read: so it is refused, as H2 itself refuses it in a trigger.
     */
    private static Optional<SQLException> held(StorageSession session) {
        boolean isHeld = (StatementKinds.endsTransaction(session.statements().type())
                        || session.h2().getCurrentCommand() instanceof DefinitionCommand)
                && session.situation().isSerializable()
                && session.statements().isAround(Verdicts::mayReadOn)
                && !session.serial().isHeldOpen();
        return isHeld
                ? Optional.of(RoutedErrors.refuse("A function cannot end the transaction at SERIALIZABLE while the"
                                + " statement that calls it reads or changes tables. The transaction goes on. Call the"
                                + " function by CALL, or end the transaction after the statement.")
                        .getSQLException())
                : Optional.empty();
    }

    /** Is it one that may read or change a table when what it has called returns? */
    private static boolean mayReadOn(Command around) {
        int type = around.getCommandType();
        boolean namesItsTables = type == CommandInterface.SELECT || type == CommandInterface.CALL;
        return !Definitions.runsAnotherAlone(around)
                && (!namesItsTables || around.getDependencies().stream().anyMatch(Verdicts::isRead));
    }

    /** H2 does not say what a data change inside a query changes. */
    private static boolean isRead(DbObject object) {
        return object instanceof LockableTable || object instanceof DataChangeDeltaTable;
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

    /** Why the innermost statement may not begin. */
    public static Optional<SQLException> refusal(StorageSession session) {
        Optional<SQLException> held = held(session);
        if (held.isPresent()) {
            return held;
        }
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

    /**
     * What a statement is told whose session was closed while it did its work. What only changed rows was undone with
     * the session. What commits by itself has done so, or has found its transaction rolled back.
     */
    public static SQLException closed(SessionLocal session) {
        Command running = session.getCurrentCommand();
        return running != null && StatementKinds.isUndoneByItsSession(running.getCommandType())
                ? RoutedErrors.closedMeanwhile()
                : RoutedErrors.closedAtItsEnd();
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
                commit(session.h2(), () -> session.h2().commit(false));
            } catch (DbException e) {
                LateEnding.fail(e.getSQLException());
            }
        }
    }

    /**
     * Commits. H2 gathers statistics of tables behind some commits, as a transaction of its own. If somebody is in the
     * way of that, it lets the statement fail, though that is committed. A change that is repeated then is made twice.
     * Here the statistics are left out.
     */
    static void commit(SessionLocal session, Runnable commit) {
        Transaction during = H2Reflection.transaction(session);
        try {
            commit.run();
        } catch (DbException e) {
            Transaction behind = H2Reflection.transaction(session);
            boolean isCommitted = during != null && behind != null && behind != during; // Begun by what follows it.
            if (!isCommitted || !isInTheWay(e.getErrorCode())) {
                throw e;
            }
            session.rollback();
        }
    }

    private static boolean isInTheWay(int errorCode) {
        return isRepeated(errorCode)
                || errorCode == ErrorCode.DEADLOCK_1
                || errorCode == ErrorCode.LOCK_TIMEOUT_1
                || errorCode == ErrorCode.STATEMENT_WAS_CANCELED;
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
