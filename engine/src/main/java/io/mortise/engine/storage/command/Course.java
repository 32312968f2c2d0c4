package io.mortise.engine.storage.command;

import io.mortise.engine.storage.definition.Definitions;
import io.mortise.engine.storage.definition.GoneTable;
import io.mortise.engine.storage.definition.Reading;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.Isolations;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.statement.CatalogueNumbers;
import io.mortise.engine.storage.statement.RunningStatements;
import java.util.List;
import java.util.function.Supplier;
import org.h2.command.Command;
import org.h2.command.CommandContainer;
import org.h2.command.Prepared;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.expression.Parameter;
import org.h2.message.DbException;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.Transaction;
import org.h2.result.ResultInterface;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Begin and end of a statement that the engine runs itself. It does the same for one that it hears of from H2, besides
 * what concerns definitions, settings and the ends of transactions. Stateless; on the thread that runs the statement.
 */
final class Course {
    private Course() {}

    /** Throws what the statement is refused with. */
    static void starts(StorageSession session, Command command, String sql) {
        RunningStatements statements = session.statements();
        boolean isAnnounced = statements.announced().isPresent();
        if (!statements.starts(sql)) {
            goesOn(session);
            return;
        }
        session.started();
        if (isAnnounced) {
            H2Reflection.forgetCancel(command); // Meant for an execution before this one.
        }
        if (Verdicts.isDisturbed(session)) {
            Verdicts.refusal(session).ifPresent(RoutedErrors::raise);
        }
        Isolations.begin(session.h2(), session.storage().policy());
        Verdicts.noteStream(session);
    }

    /** It is repeated, or runs inside another. */
    private static void goesOn(StorageSession session) {
        if (Verdicts.isRefusedInside(session)) {
            Verdicts.refusal(session).ifPresent(RoutedErrors::raise);
        }
        if (session.transactionLocks().isKept()) {
            Isolations.begin(session.h2(), session.storage().policy());
        }
    }

    /**
     * Undoes at once what a refused statement has done. Before it is repeated it may be read anew, and that takes a
     * snapshot. At REPEATABLE READ no other is taken for it, and this one would show what is not there any more.
     */
    static void refused(StorageSession session, CommandContainer command) {
        Prepared refused = CommandReflection.prepared(command);
        RunningStatements statements = session.statements();
        // It may have been refused before it began: then it is another one that runs, and that goes on.
        if (statements.isThisOne()
                && statements.prepared().filter(runs -> runs == refused).isPresent()) {
            statements.undo();
        }
    }

    /** The same where H2 runs it, and repeats it: throws what its client is told. */
    static void fails(StorageSession session, CommandContainer command, Throwable thrown) {
        if (thrown instanceof DbException failure && Verdicts.isRepeated(failure.getErrorCode())) {
            refused(session, command);
        }
        Verdicts.tell(session, thrown);
    }

    /**
     * The statement has done its work: this is the moment that decides whether it has succeeded. Throws if it has not.
     *
     * @param rows changed, or found
     */
    static void ends(StorageSession session, RowStatement statement, long rows) {
        RunningStatements statements = session.statements();
        statements.counted(rows);
        if (statements.isLast()) {
            decide(session, statement);
        }
        if (statements.ends()) {
            session.transactionLocks().statementOver();
        }
    }

    private static void decide(StorageSession session, RowStatement statement) {
        boolean isServed = session.h2().getNetworkConnectionInfo() != null; // It may answer a getter.
        if (statement.isCommit() || isServed && Verdicts.isForGood(session)) {
            session.endings().endedForGood();
        } else {
            Verdicts.verdict(session).ifPresent(RoutedErrors::raise);
            Verdicts.commitRow(session);
        }
    }

    /**
     * Before H2 runs it: reads the statement anew if the catalogue has changed, and then takes its snapshot. H2 reads
     * it as it begins to run, and its snapshot is of the tables that it read before.
     *
     * @return to be run at its end, by {@link #checked}: H2 may have read it once more, with views that are outdated
     */
    static Runnable renew(CommandContainer command, StorageSession own) {
        SessionLocal session = own.h2();
        for (int i = 0; i < Reading.MOST && needsReading(command, session); i++) {
            Reading.forgetViews(session);
            GoneTable.readAgain(
                    session,
                    failure -> own.transactionLocks().definitionWait().untilItEnds(),
                    () -> read(command, session));
            if (Reading.forgetViews(session)) {
                CatalogueNumbers.forget(CommandReflection.prepared(command));
            }
            IsolationLevel level = session.getTransaction().getIsolationLevel();
            if (level != IsolationLevel.SNAPSHOT && level != IsolationLevel.SERIALIZABLE) {
                session.startStatementWithinTransaction(command); // The others have one of all tables.
            }
        }
        long known = CatalogueNumbers.of(CommandReflection.prepared(command));
        MVTable[] read = session.isClosed() ? new MVTable[0] : Dependencies.tables(command.getDependencies());
        for (MVTable table : read) {
            Dependencies.check(own, table, known);
        }
        return () -> {
            checkRead(command, known, read);
            for (MVTable table : read) { // H2 may have read it once more at the same number.
                Dependencies.check(own, table, known);
            }
        };
    }

    /**
     * Of a parameter that has a value H2 takes the value's type for the parameter's. Where only we have it read anew,
     * it reads what it read at first: the next value may be of another type.
     */
    private static Prepared read(CommandContainer command, SessionLocal session) {
        Prepared before = CommandReflection.prepared(command);
        if (!CatalogueNumbers.isOnlyForgotten(before, session.getDatabase().getModificationMetaId())) {
            Definitions.recompile(command);
            return CommandReflection.prepared(command);
        }
        List<Parameter> parameters = before.getParameters();
        @Nullable Value[] values = new Value[parameters.size()];
        for (int i = 0; i < values.length; i++) {
            Parameter parameter = parameters.get(i);
            values[i] = parameter.isValueSet() ? parameter.getParamValue() : null;
            parameter.setValue(null);
        }
        try {
            Definitions.recompile(command);
            return CommandReflection.prepared(command);
        } finally {
            for (int i = 0; i < values.length; i++) {
                parameters.get(i).setValue(values[i]);
            }
        }
    }

    /** The same for a statement that may read without a slot: read anew, it may do more. */
    static Runnable renew(CommandContainer command, StorageSession own, LoneRead alone) {
        alone.leave();
        return renew(command, own);
    }

    /**
     * Runs a query without the indexes that are younger than the snapshot which its transaction keeps. H2 looks for
     * some of them only then. What it has planned so serves nothing else.
     */
    static ResultInterface withoutYoung(CommandContainer command, StorageSession own, Supplier<ResultInterface> query) {
        MVTable[] read = Dependencies.withYoungIndex(command, own);
        if (read.length == 0) {
            return query.get();
        }
        try (Dependencies.Hiding hiding = Dependencies.hideYoung(read, own)) {
            readAnew(command, own);
            return query.get();
        } finally {
            readAnew(command, own);
        }
    }

    /**
     * Runs a change that was read without them. Who changes rows sees all indexes as it runs: so H2 is not to read it
     * once more, not even one that it reads each time.
     */
    static <T> T changeWithoutYoung(CommandContainer command, StorageSession own, LoneRead alone, Supplier<T> change) {
        MVTable[] read = Dependencies.withYoungIndex(command, own);
        if (read.length == 0) {
            renew(command, own, alone);
            return changeAsRead(command, own, change);
        }
        try {
            try (Dependencies.Hiding hiding = Dependencies.hideYoung(read, own)) {
                readAnew(command, own);
                renew(command, own, alone);
            } finally {
                own.h2().clearViewIndexCache();
            }
            CommandReflection.prepared(command).setPrepareAlways(false); // It is read anew at the end in any case.
            return changeAsRead(command, own, change);
        } finally {
            readAnew(command, own);
        }
    }

    /** H2 may have read it once more, because of a definition that came in between. */
    private static <T> T changeAsRead(CommandContainer command, StorageSession own, Supplier<T> change) {
        if (!Dependencies.keepsSnapshot(own)) {
            return change.get();
        }
        long known = CatalogueNumbers.of(CommandReflection.prepared(command));
        return checked(own, change, () -> checkRead(command, known, Dependencies.tables(command.getDependencies())));
    }

    /** Throws if H2 has read it once more. */
    private static void checkRead(CommandContainer command, long known, MVTable[] read) {
        if (read.length > 0 && CatalogueNumbers.of(CommandReflection.prepared(command)) != known) {
            throw GoneTable.repeated(read[0]);
        }
    }

    /** Its plan serves nothing else. */
    static void readAnew(CommandContainer command, StorageSession own) {
        CatalogueNumbers.forget(CommandReflection.prepared(command));
        own.h2().clearViewIndexCache();
    }

    /**
     * What H2 runs, once the check of {@link #renew} has passed. Where that fails, the statement has ended already. So
     * what it has done is undone here: who repeats it undoes only what still runs. What is committed stands.
     */
    static <T> T checked(StorageSession own, Supplier<T> work, Runnable check) {
        SessionLocal session = own.h2();
        if (session.isClosed()) {
            return work.get();
        }
        Transaction during = session.getTransaction();
        SessionLocal.Savepoint before = session.setSavepoint();
        T result = work.get();
        if (H2Reflection.transaction(session) == during) {
            try {
                check.run();
            } catch (DbException e) {
                session.rollbackTo(before);
                throw e;
            }
        }
        return result;
    }

    /** H2 reads some statements anew each time, such as those with LIKE: they see no other tables for that. */
    private static boolean needsReading(CommandContainer command, SessionLocal session) {
        return !session.isClosed()
                && CatalogueNumbers.of(CommandReflection.prepared(command))
                        < session.getDatabase().getModificationMetaId();
    }
}
