package io.mortise.engine.storage;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.policy.Footprint;
import io.mortise.engine.policy.Situation;
import io.mortise.engine.policy.StatementKind;
import io.mortise.engine.policy.TableAccess;
import io.mortise.engine.policy.WantedLock;
import io.mortise.engine.storage.explain.Explanations;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.storage.table.LockingTable;
import io.mortise.engine.storage.waiting.SessionWaits;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.h2.api.ErrorCode;
import org.h2.command.Parser;
import org.h2.engine.Right;
import org.h2.engine.Role;
import org.h2.engine.User;
import org.h2.message.DbException;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * What the statements that are ours, and not H2's, do in a session. Used by the thread that runs them, inside a
 * statement of the session, under H2's mutex of it.
 */
public final class StorageCommands {
    /** The role that lets a user who is no administrator lock the system, release defunct locks and set parameters. */
    private static final String SYSTEM_ROLE = "LOCK_SYSTEM";

    private final StorageSession session;
    private final OpenDatabase storage;

    public StorageCommands(StorageSession session) {
        this.session = session;
        this.storage = session.storage();
    }

    /**
     * LOCK TABLE: locks tables, as SQL names them, until the transaction ends; in the order in which all statements
     * lock, whatever the order they are named in. Nothing is locked unless all of them exist and may be.
     *
     * @param kind LOCK_TABLE_SHARE or LOCK_TABLE_EXCLUSIVE
     * @param waitMillis for each of them; empty for what the session has been told
     */
    public void lockTables(List<String> names, StatementKind kind, OptionalLong waitMillis) throws SQLException {
        int timeoutMillis = (int) Math.min(waitMillis.orElse(SessionWaits.AS_TOLD), Integer.MAX_VALUE);
        List<LockingTable> tables = new ArrayList<>();
        for (String name : names) {
            tables.add(find(name, kind));
        }
        Situation situation = situationOf(kind);
        List<WantedLock> requests = storage.policy().requests(situation, footprint(tables));
        announce(tables, requests, timeoutMillis);
        for (WantedLock request : requests) {
            take(request, tables, timeoutMillis);
        }
    }

    private LockingTable find(String name, StatementKind kind) throws SQLException {
        Table table = new Parser(session.h2()).parseTableName(name);
        if (!(table instanceof LockingTable locking)) {
            throw EngineError.NOT_SUPPORTED.exception(
                    name + " is not a table of the database's own. Nothing was locked. Lock the tables that it reads.");
        }
        User user = session.h2().getUser();
        boolean mayWrite = user.hasTableRight(table, Right.INSERT)
                || user.hasTableRight(table, Right.UPDATE)
                || user.hasTableRight(table, Right.DELETE);
        boolean mayLock = kind == StatementKind.LOCK_TABLE_SHARE ? user.hasTableRight(table, Right.SELECT) : mayWrite;
        if (!mayLock) {
            throw DbException.get(ErrorCode.NOT_ENOUGH_RIGHTS_FOR_1, table.getTraceSQL());
        }
        return locking;
    }

    private static Footprint footprint(List<LockingTable> tables) {
        return new Footprint(
                List.of(),
                tables.stream()
                        .map(table -> new Footprint.Use(table.target(), TableAccess.WHOLE))
                        .toList());
    }

    // H2 says that a transaction has ended to the tables that it has locked, so a policy that locks something else than
    // the
    // table needs an intent on it.
    private void announce(List<LockingTable> tables, List<WantedLock> requests, int timeoutMillis) {
        Set<LockTarget> targets = new HashSet<>();
        requests.forEach(request -> targets.add(request.target()));
        for (LockingTable table : tables) {
            if (!targets.contains(table.target())) {
                table.lock(session, LockMode.IS, timeoutMillis);
            }
        }
    }

    private void take(WantedLock request, List<LockingTable> tables, int timeoutMillis) {
        for (LockingTable table : tables) {
            if (table.target().equals(request.target())) {
                table.lock(session, request.mode(), timeoutMillis);
                return;
            }
        }
        session.transactionLocks().request(List.of(request), timeoutMillis);
    }

    /**
     * ADVISORY_LOCK: locks a name that means something to the application, to the end of the transaction.
     *
     * @param waitMillis empty for what the session has been told
     */
    public void lockName(String name, OptionalLong waitMillis) {
        session.names().lock(name, (int) Math.min(waitMillis.orElse(SessionWaits.AS_TOLD), Integer.MAX_VALUE));
    }

    /** ADVISORY_UNLOCK: gives such a name back before that; false if this transaction had not locked it. */
    public boolean unlockName(String name) {
        return session.names().unlock(name);
    }

    /**
     * SESSION_LOCK: locks such a name until the session unlocks it as often, or ends. It belongs to no transaction.
     *
     * @param waitMillis empty for what the session has been told
     * @return false if the time was up
     */
    public boolean lockNameForSession(String name, OptionalLong waitMillis) {
        int timeoutMillis = (int) Math.min(waitMillis.orElse(SessionWaits.AS_TOLD), Integer.MAX_VALUE);
        return session.names().lockForSession(name, timeoutMillis);
    }

    /** SESSION_UNLOCK: takes back one SESSION_LOCK; false if there was none. */
    public boolean unlockNameForSession(String name) {
        return session.names().unlockForSession(name);
    }

    /** LOCK SYSTEM: keeps all other users out until this session ends. */
    public void lockSystem() throws SQLException {
        storage.systemLock().take(session);
    }

    /** The columns of a table or view, as SQL names it. */
    public List<Explanations.Column> columns(String table) {
        return Explanations.columns(session.h2(), table);
    }

    /** What a statement would touch. Runs nothing. */
    public Explanations.Statement explain(String sql, List<@Nullable Object> values) {
        return Explanations.statement(session, sql, values);
    }

    /** The circumstances in which the session would run such a statement now. */
    public Situation situationOf(StatementKind kind) {
        Situation.Mode mode = session.commitsStatement() ? Situation.Mode.AUTOCOMMIT : Situation.Mode.TRANSACTION;
        return Situation.of(kind, session.situation().isolation(), mode);
    }

    /** May the user do what is for administrators and for those who may lock the system? */
    public boolean isTrusted() {
        return session.isAdmin() || hasRole(SYSTEM_ROLE);
    }

    /** Has a role of this name been granted to the user, or to one of the user's roles? */
    private boolean hasRole(String name) {
        Role role = storage.database().findRole(storage.database().sysIdentifier(name));
        return role != null && session.h2().getUser().isRoleGranted(role);
    }
}
