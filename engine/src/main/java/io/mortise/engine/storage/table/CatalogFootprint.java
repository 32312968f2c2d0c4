package io.mortise.engine.storage.table;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.policy.Footprint;
import io.mortise.engine.policy.Situation;
import io.mortise.engine.policy.StatementKind;
import io.mortise.engine.policy.WantedLock;
import io.mortise.engine.storage.definition.DefinitionCommand;
import io.mortise.engine.storage.definition.Definitions;
import io.mortise.engine.storage.definition.DomainTables;
import io.mortise.engine.storage.definition.LinkedTables;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.StatementKinds;
import io.mortise.engine.storage.h2.StoreReflection;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.h2.api.ErrorCode;
import org.h2.command.Command;
import org.h2.command.CommandContainer;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.engine.Right;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.mvstore.tx.Transaction;
import org.h2.schema.Schema;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * What a statement that changes the catalogue locks before it does anything: its tables, schemas and rights, and H2's
 * meta table. Stateless.
 *
 * <p>H2 itself asks for the meta table later, some statements under the monitor of the database, which those who
 * connect need, and the session that has the meta table already. So it has to be locked before.
 */
public final class CatalogFootprint {
    /** So often in a row a table is not replaced by chance. */
    private static final int TRIES = 100;

    private CatalogFootprint() {}

    /**
     * The innermost statement of a session begins: locks what it needs of the catalogue, if it changes that, and has it
     * read again by who has that now. If it cannot be had the statement fails at its first step.
     */
    public static void lock(OpenDatabase storage, StorageSession session) {
        @Nullable Command command = session.h2().getCurrentCommand();
        if (command == null) {
            return;
        }
        CommandContainer container = H2Reflection.container(command);
        Definitions.runTextsAlone(container);
        boolean isAhead = container instanceof DefinitionCommand definition && definition.isAhead();
        try {
            if (isAhead) {
                lockEmptied(session, H2Reflection.prepared(command));
            }
            if (!isNeeded(session, H2Reflection.prepared(command))) {
                return;
            }
            if (!session.holdsCatalog()) {
                lockAll(storage, session);
                Definitions.recompile(container);
                if (!isAhead) {
                    lookAgain(session.h2());
                }
            }
            SteadyParts.ofAll(storage.database());
        } catch (DbException e) {
            Definitions.refuse(container, e);
        }
    }

    /** A TRUNCATE needs nothing of the catalogue. */
    private static void lockEmptied(StorageSession session, Prepared prepared) {
        Definitions.emptied(prepared)
                .filter(table -> session.h2().getUser().hasTableRight(table, Right.DELETE))
                .ifPresent(table -> table.lock(session.h2(), Table.EXCLUSIVE_LOCK));
    }

    /** A table that is dropped or replaced while we wait for it is looked up again. */
    private static void lockAll(OpenDatabase storage, StorageSession session) {
        for (int tries = 0; ; tries++) {
            try {
                storage.database().lockMeta(session.h2());
                return;
            } catch (DbException e) {
                if (e.getErrorCode() != ErrorCode.CONCURRENT_UPDATE_1 || tries == TRIES) {
                    throw e;
                }
            }
        }
    }

    /**
     * H2 has taken the statement's snapshot before it had the catalogue. It goes on to change what is in memory
     * together with the rows of the catalogue that the snapshot shows. The transaction is the statement's own.
     */
    private static void lookAgain(SessionLocal h2) {
        Transaction transaction = H2Reflection.transaction(h2);
        if (transaction != null && !transaction.allowNonRepeatableRead()) {
            StoreReflection.readCommitted(transaction);
        }
        h2.startStatementWithinTransaction(h2.getCurrentCommand());
    }

    private static boolean isNeeded(StorageSession session, Prepared prepared) {
        int type = prepared.getType();
        if (type == CommandInterface.SET || type == CommandInterface.ANALYZE) {
            return session.isAdmin() && Definitions.writesSetting(prepared);
        }
        return StatementKinds.isDefinition(type)
                && StatementKinds.of(type) != StatementKind.TRUNCATE
                && !Definitions.isPrivate(session.h2(), prepared);
    }

    /**
     * Locks the tables that the innermost statement of a session is about to alter or drop, and may. Locks against
     * change those on the other side of the foreign keys that go or come with it. All definitions take them in one
     * order.
     */
    static void lockTables(StorageSession session) {
        session.statements().prepared().ifPresent(prepared -> lockTables(session, prepared));
    }

    private static void lockTables(StorageSession session, Prepared prepared) {
        SessionLocal h2 = session.h2();
        List<Table> named = Stream.concat(
                        Definitions.tables(h2, prepared).stream()
                                .filter(table -> h2.getUser().hasTableRight(table, Right.SCHEMA_OWNER)),
                        DomainTables.of(h2, prepared).stream())
                .toList();
        Map<Integer, Table> all = new TreeMap<>();
        named.forEach(table -> all.put(table.getId(), table));
        LinkedTables.of(h2, prepared, named).forEach(table -> all.put(table.getId(), table));
        for (Table table : all.values()) {
            if (named.contains(table)) {
                locking(table).ifPresent(locking -> locking.lock(h2, Table.EXCLUSIVE_LOCK));
            } else {
                lockLinked(session, table, linkedMode(h2, prepared, table, named));
            }
        }
        // Another definition may have made one before the tables were locked; from now on none can.
        LinkedTables.of(h2, prepared, named)
                .forEach(table -> lockLinked(session, table, linkedMode(h2, prepared, table, named)));
    }

    private static LockMode linkedMode(SessionLocal h2, Prepared prepared, Table table, List<Table> named) {
        return LinkedTables.mayChangeIndexes(h2, prepared, table, named) ? LockMode.X : LockMode.S;
    }

    private static void lockLinked(StorageSession session, Table table, LockMode mode) {
        locking(table).ifPresent(locking -> locking.lock(session, mode));
    }

    private static Optional<LockingTable> locking(Table table) {
        return table instanceof LockingTable locking && locking.isLocking() ? Optional.of(locking) : Optional.empty();
    }

    /**
     * One definition at a time, from beginning to end: Some statements make a table or a view, and H2 lets its meta
     * table go in the middle of them. The new object's row is uncommitted then, and in memory it is there for all. Who
     * renames a schema looks at each.
     */
    static List<WantedLock> requests(OpenDatabase storage, StorageSession session) {
        Situation situation = session.situation();
        List<WantedLock> requests = new ArrayList<>();
        if (session.statements().isDefinition()) {
            requests.add(new WantedLock(new LockTarget.GlobalPermission(), LockMode.X));
        }
        if (situation.kind() == StatementKind.RIGHTS) {
            requests.addAll(storage.policy().requests(situation, Footprint.nothing()));
        }
        if (situation.kind() == StatementKind.SCHEMA_DDL) {
            requests.addAll(storage.policy().requests(situation, new Footprint(schemas(storage, session), List.of())));
        }
        return requests;
    }

    private static List<LockTarget.Schema> schemas(OpenDatabase storage, StorageSession session) {
        return changed(storage, session).stream()
                .map(schema -> new LockTarget.Schema(schema.getId()))
                .toList();
    }

    private static List<Schema> changed(OpenDatabase storage, StorageSession session) {
        @Nullable Command command = session.h2().getCurrentCommand();
        if (command == null) {
            return List.of();
        }
        if (command.getCommandType() == CommandInterface.DROP_ALL_OBJECTS) {
            return storage.database().getAllSchemas().stream()
                    .filter(schema -> schema.getId() >= 0)
                    .toList();
        }
        Schema changed = H2Reflection.changedSchema(storage.database(), command);
        return changed == null ? List.of() : List.of(changed);
    }

    /** A definition has its schemas: refuses it if a branch in doubt has changed a table there. */
    static void checkNoneInDoubt(OpenDatabase storage, StorageSession session) {
        if (session.situation().kind() == StatementKind.SCHEMA_DDL
                && !storage.database().getInDoubtTransactions().isEmpty()) {
            changed(storage, session).stream()
                    .flatMap(schema -> schema.getAllTablesAndViews(null).stream())
                    .filter(LockingTable.class::isInstance)
                    .map(LockingTable.class::cast)
                    .forEach(table -> table.rows().checkNoneInDoubt());
        }
    }
}
