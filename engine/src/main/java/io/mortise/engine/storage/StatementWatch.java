package io.mortise.engine.storage;

import io.mortise.engine.fault.Spot;
import io.mortise.engine.storage.branch.BranchEnds;
import io.mortise.engine.storage.branch.BranchesInDoubt;
import io.mortise.engine.storage.catalog.H2Catalog;
import io.mortise.engine.storage.checkpoint.ChunkOrder;
import io.mortise.engine.storage.command.KeptResults;
import io.mortise.engine.storage.command.Verdicts;
import io.mortise.engine.storage.count.UpdateCounts;
import io.mortise.engine.storage.definition.UnfinishedAlters;
import io.mortise.engine.storage.ending.LateEnding;
import io.mortise.engine.storage.ending.RefusedStart;
import io.mortise.engine.storage.ending.UserListener;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.Isolations;
import io.mortise.engine.storage.h2.OpenPlaces;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.h2.StatementKinds;
import io.mortise.engine.storage.row.ImplicitRowLocks;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.statement.Note;
import io.mortise.engine.storage.table.CatalogFootprint;
import io.mortise.engine.storage.table.GuardedTable;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import org.h2.api.DatabaseEventListener;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.engine.Database;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.jspecify.annotations.Nullable;

/**
 * Hears from H2 of every statement of every session, whatever its route. A listener that the user has set is told all
 * the same, and loses nothing. Thread-safe; called on the thread that runs the statement.
 *
 * <p>H2 has room for one listener, takes it away when somebody who is no administrator opens the database, and lets SET
 * DATABASE_EVENT_LISTENER replace it. So we look whether we are still there whenever a session is first seen and when
 * the meta table is unlocked, and that statement is made to lock it.
 */
final class StatementWatch implements DatabaseEventListener {
    private static final String SET_LISTENER = "DATABASE_EVENT_LISTENER";
    private static final String SET_STATISTICS = "QUERY_STATISTICS";
    private static final Note<UpdateCounts> SETS_STATISTICS = new Note<>() {};
    private final Storage storage;
    private final Database database;
    private final UpdateCounts counts = new UpdateCounts(this::counted);
    private volatile @Nullable DatabaseEventListener other;

    StatementWatch(Storage storage) {
        this.storage = storage;
        this.database = storage.database();
    }

    /**
     * Hears of statements, and of update counts, from now on. Before this the database has run nothing of a client's.
     */
    void begin() {
        takePlace();
        counts.takePlace(database);
    }

    boolean hearsAlone() {
        return other == null && !counts.areWanted();
    }

    private void counted(long rows) {
        StorageSession session = current();
        if (session == null) {
            return;
        }
        session.statements().counted(rows);
        // Here H2 passes an error on as it is. It hears of the end a moment later: that is when it is decided for good.
        if (session.statements().isLast() && !Verdicts.isForGood(session)) {
            Verdicts.verdict(session).ifPresent(RoutedErrors::raise);
        }
        Spot.STATEMENT_COUNTED.pass();
    }

    /** Takes the listener's place if it is not ours; who is there now is told what we hear. */
    void takePlace() {
        DatabaseEventListener there = H2Reflection.listener(database);
        if (there != this) {
            other = there;
            database.setEventListener(this);
        }
    }

    @Override
    public void setProgress(int state, String text, long done, long all) {
        switch (state) {
            case STATE_STATEMENT_START -> starts(text);
            case STATE_STATEMENT_END -> ends();
            default -> {}
        }
        UserListener.tell(other, user -> user.setProgress(state, text, done, all));
    }

    private void starts(String sql) {
        StorageSession session = current();
        if (session == null) {
            return;
        }
        boolean isAnnounced = session.statements().announced().isPresent();
        boolean isOutermost = session.statements().starts(sql);
        ImplicitRowLocks.ReadsBack.keep(session);
        if (!isOutermost) {
            if (Verdicts.isRefusedInside(session)) {
                isRefused(session);
            } else {
                CatalogFootprint.lock(storage, session);
                if (session.transactionLocks().isKept()) {
                    Isolations.begin(session.h2(), storage.policy()); // A definition's own, after the commit before it.
                }
            }
            return;
        }
        session.started();
        Command command = session.h2().getCurrentCommand();
        if (isAnnounced && command != null) {
            H2Reflection.forgetCancel(command); // Meant for an execution before this one: so look only now.
        }
        if (!isRefused(session)) {
            CatalogFootprint.lock(storage, session);
            prepare(session, sql);
        }
    }

    /** Was the session told to end before it began, or is the transaction gone that its client counts on? */
    private static boolean isRefused(StorageSession session) {
        Optional<SQLException> why = Verdicts.refusal(session);
        why.ifPresent(error -> session.statements()
                .prepared()
                .ifPresent(prepared -> RefusedStart.refuse(prepared, DbException.convert(error))));
        return why.isPresent();
    }

    private void prepare(StorageSession session, String sql) {
        Isolations.begin(session.h2(), storage.policy());
        KeptResults.begin(session.h2(), storage.policy());
        Verdicts.noteStream(session);
        session.createTableRight().lendFor(session.h2(), session.h2().getCurrentCommand());
        session.statements().altered().ifPresent(table -> {
            if (table instanceof GuardedTable guarded) {
                guarded.isToBeAltered();
            }
        });
        if (session.statements().isSetting()) {
            prepareSetting(session, sql.toUpperCase(Locale.ROOT));
        }
        if (StatementKinds.isShutdown(session.statements().type())
                && session.h2().getUser().isAdmin()) {
            storage.closing().shutdownBegins();
        }
    }

    private void prepareSetting(StorageSession session, String sql) {
        if (sql.contains(SET_LISTENER)) {
            database.lockMeta(session.h2());
        }
        if (sql.contains(SET_STATISTICS)) {
            // H2's flag is always set, for our sake; while the user sets it, it says what the user wants.
            counts.makeRoom(database);
            session.statements().note(SETS_STATISTICS, counts);
        }
    }

    /** Takes the place again that SET QUERY_STATISTICS has taken, if this was one, whether it succeeded or not. */
    private void countOn(StorageSession session) {
        session.statements().noted(SETS_STATISTICS).ifPresent(here -> here.returnTo(database));
    }

    private void ends() {
        StorageSession session = current();
        if (session == null) {
            if (H2Reflection.threadSession() instanceof SessionLocal local) {
                checkOpen(local);
            }
            return;
        }
        if (session.statements().isLast()) {
            decide(session);
        }
        session.createTableRight().handBack(session.h2());
        if (StatementKinds.isWritten(session.statements().type())) {
            ChunkOrder.await(database.getStore().getMvStore());
        }
        if (StatementKinds.isBranchEnd(session.statements().type())) {
            BranchEnds.heard(storage, session.statements().type());
        }
        if (StatementKinds.isShutdown(session.statements().type())) {
            storage.closing().shutdownOver();
        }
        if (session.statements().isSetting()) {
            H2Catalog.putOnPath(database, session.h2());
            session.statements().counted(0); // H2 has said so, but not while SET QUERY_STATISTICS had our place.
            countOn(session);
        }
        if (session.statements().type() == CommandInterface.PREPARE_COMMIT) {
            String branch = BranchesInDoubt.nameIn(session.statements().record().sql());
            session.owner().occupation().prepared(branch);
        }
        if (session.statements().ends()) {
            session.transactionLocks().statementOver();
        }
    }

    /** The outermost statement has done its work. Fails it all the same if it, or its transaction, was told to end. */
    private static void decide(StorageSession session) {
        if (!Verdicts.isForGood(session)) {
            Verdicts.verdict(session).ifPresent(LateEnding::fail);
            Verdicts.commitRow(session);
            return;
        }
        if (session.statements().type() == CommandInterface.ROLLBACK) {
            session.endings().forgive();
        }
        session.endings().endedForGood();
    }

    /** H2 waits for a while when it shuts down, and then closes what still runs: that cannot be committed any more. */
    void checkOpen(SessionLocal session) {
        if (session.isClosed() && !storage.closing().isShutDownHere()) {
            LateEnding.fail(Verdicts.closed(session));
        }
    }

    /** An Error here would keep H2 from undoing the statement, and it commits what is there: so none gets out. */
    @Override
    public void exceptionThrown(SQLException fromH2, String sql) {
        SQLException error = LateEnding.behind(fromH2).orElse(fromH2);
        try {
            OpenPlaces.fill(fromH2);
            StorageSession session = current();
            if (session != null) {
                failed(session, error);
            }
        } catch (Throwable e) {
            fromH2.addSuppressed(e);
        }
        UserListener.tell(other, user -> user.exceptionThrown(error, sql));
    }

    private void failed(StorageSession session, SQLException error) {
        // H2 undoes no query, and that may have changed something. The rows of its batch that were counted stay.
        if (session.statements().isThisOne() && !Verdicts.isForGood(session)) {
            session.statements().undo();
        }
        session.createTableRight().handBack(session.h2());
        if (session.statements().isSetting()) {
            countOn(session);
        }
        if (StatementKinds.isShutdown(session.statements().type())) {
            storage.closing().shutdownOver();
        }
        if (session.statements().fails(error)) {
            session.over(error);
            // Not before: H2 would repeat the statement around the one that has failed, without what came before it.
            if (error instanceof RoutedErrors.Conflict conflict) {
                conflict.rolledBack();
            }
        }
    }

    /** The session of the statement that this thread runs; null if it runs in another database, or for none. */
    @Nullable
    StorageSession current() {
        Session running = H2Reflection.threadSession();
        return running instanceof SessionLocal local && !local.isClosed() && local.getDatabase() == database
                ? storage.session(local)
                : null;
    }

    @Override
    public void opened() {
        storage.opened();
        storage.keep(UnfinishedAlters.class, () -> new UnfinishedAlters(database))
                .finish();
        UserListener.tell(other, DatabaseEventListener::opened);
    }

    @Override
    public void closingDatabase() {
        DatabaseEventListener user = other;
        try {
            if (user != null) {
                user.closingDatabase(); // It may connect once more, and what it does there takes locks.
            }
        } finally {
            storage.closed();
        }
    }
}
