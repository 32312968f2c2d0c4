package io.mortise.engine.storage.table;

import io.mortise.engine.storage.command.Dependencies;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.ddl.CreateMaterializedView;
import org.h2.command.ddl.CreateTable;
import org.h2.command.ddl.RefreshMaterializedView;
import org.h2.command.query.Query;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.tx.Transaction;
import org.h2.table.MaterializedView;

/**
 * A definition is about to fill a table with what a query finds. H2 takes no snapshot for that, and reads each table as
 * it is when its turn comes. Stateless.
 */
final class Filling {
    private static final VarHandle OF_TABLE;
    private static final VarHandle OF_VIEW;
    private static final VarHandle REFRESHED;

    static {
        try {
            OF_TABLE = of(CreateTable.class, "asQuery", Query.class);
            OF_VIEW = of(CreateMaterializedView.class, "select", Query.class);
            REFRESHED = of(RefreshMaterializedView.class, "view", MaterializedView.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private Filling() {}

    private static VarHandle of(Class<?> owner, String field, Class<?> type) throws ReflectiveOperationException {
        return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVarHandle(owner, field, type);
    }

    /**
     * A table is about to be locked to insert into it, and in a definition that comes right before the query runs. At
     * SNAPSHOT the transaction has one state of all tables, unless the definition had to lock the catalogue. Where
     * reads lock, each table is read when it is locked.
     */
    static void begins(OpenDatabase storage, SessionLocal h2) {
        if (storage.database().isStarting()) {
            return;
        }
        StorageSession session = storage.session(h2);
        int type = session.statements().type();
        boolean mayFill = type == CommandInterface.CREATE_TABLE
                || type == CommandInterface.CREATE_MATERIALIZED_VIEW
                || type == CommandInterface.REFRESH_MATERIALIZED_VIEW;
        if (mayFill
                && h2.getIsolationLevel() != IsolationLevel.SERIALIZABLE
                && storage.policy().readsTakeNoLocks()) {
            session.statements().prepared().flatMap(Filling::query).ifPresent(query -> look(query, h2));
        }
    }

    private static void look(Query query, SessionLocal session) {
        Transaction transaction = session.getTransaction();
        if (transaction.getIsolationLevel() != IsolationLevel.SNAPSHOT) {
            transaction.markStatementStart(Dependencies.of(query).maps());
        }
    }

    private static Optional<Query> query(Prepared definition) {
        if (definition instanceof CreateTable create) {
            return Optional.ofNullable((Query) OF_TABLE.get(create));
        }
        if (definition instanceof CreateMaterializedView create) {
            return Optional.ofNullable((Query) OF_VIEW.get(create));
        }
        return definition instanceof RefreshMaterializedView refresh
                ? Optional.of(((MaterializedView) REFRESHED.get(refresh)).getSelect())
                : Optional.empty();
    }
}
