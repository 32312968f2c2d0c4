package io.mortise.engine.policy;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.LockTarget.Facet;
import io.mortise.engine.lock.LockTarget.Facet.Half;
import io.mortise.engine.lock.LockTarget.Schema;
import io.mortise.engine.lock.LockTarget.Table;
import io.mortise.engine.setting.PolicyName;
import java.util.List;
import java.util.Optional;

/**
 * Named objects, locked inclusively or exclusively, all before the statement runs. Immutable.
 *
 * <p>Exclusive is X. Inclusive is IX, not S. Two who insert do not exclude each other, but LOCK TABLE IN SHARE MODE
 * keeps both of them out: it takes S on both halves of a table.
 */
public record SqreamPolicy(long lockTimeoutMillis) implements LockPolicy {
    private static final LockMode INCLUSIVE = LockMode.IX;
    private static final LockMode EXCLUSIVE = LockMode.X;

    @Override
    public PolicyName name() {
        return PolicyName.SQREAM;
    }

    @Override
    public boolean locksUpFront() {
        return true;
    }

    /** Nobody waits for a SELECT, so nothing that has been read is kept from changing. */
    @Override
    public boolean serializesByLocks() {
        return false;
    }

    /** Nothing but what a foreign key needs: which parent row that is, is not known before the statement runs. */
    @Override
    public Optional<LockMode> tableLock(Situation situation, TableAccess access) {
        return access == TableAccess.REFERENCE ? Answer.IS : Answer.NONE;
    }

    @Override
    public Optional<LockMode> rowLock(Situation situation, TableAccess access) {
        return switch (access) {
            case REFERENCE -> Answer.S;
            case WRITE, WRITE_BY_KEY -> Answer.X;
            case READ, READ_BY_KEY -> situation.kind() == StatementKind.SELECT_FOR_UPDATE ? Answer.X : Answer.NONE;
            case WHOLE -> Answer.NONE;
        };
    }

    @Override
    public List<WantedLock> requests(Situation situation, Footprint footprint) {
        Requests requests = new Requests();
        switch (situation.kind()) {
            case LOCK_SYSTEM -> requests.add(new LockTarget.System(), EXCLUSIVE);
            case RIGHTS -> requests.add(new LockTarget.GlobalPermission(), EXCLUSIVE);
            case SCHEMA_DDL -> footprint.schemas().forEach(schema -> changeSchema(requests, schema));
            case TABLE_DDL -> {
                requests.add(new LockTarget.GlobalPermission(), EXCLUSIVE);
                footprint.changedSchemas().forEach(schema -> enter(requests, schema));
            }
            default -> {}
        }
        for (Footprint.Use use : footprint.tables()) {
            use(requests, situation.kind(), use);
        }
        return requests.inOrder();
    }

    private static void changeSchema(Requests requests, Schema schema) {
        requests.add(new LockTarget.Database(), INCLUSIVE).add(schema, EXCLUSIVE);
    }

    private static void enter(Requests requests, Schema schema) {
        requests.add(new LockTarget.Database(), INCLUSIVE).add(schema, INCLUSIVE);
    }

    private static void use(Requests requests, StatementKind kind, Footprint.Use use) {
        Table table = use.table();
        switch (use.access()) {
            case WHOLE -> {
                enter(requests, new Schema(table.schema()));
                LockMode mode = kind == StatementKind.LOCK_TABLE_SHARE ? LockMode.S : EXCLUSIVE;
                if (kind != StatementKind.TRUNCATE) {
                    requests.add(new Facet(table, Half.INSERT), mode);
                }
                requests.add(new Facet(table, Half.UPDATE), mode);
            }
            case WRITE, WRITE_BY_KEY -> {
                enter(requests, new Schema(table.schema()));
                write(requests, kind, table);
            }
            case READ, READ_BY_KEY -> {
                if (kind == StatementKind.SELECT_FOR_UPDATE) {
                    requests.add(new Facet(table, Half.UPDATE), EXCLUSIVE);
                }
            }
            case REFERENCE -> {}
        }
    }

    private static void write(Requests requests, StatementKind kind, Table table) {
        if (kind == StatementKind.INSERT || kind == StatementKind.MERGE) {
            requests.add(new Facet(table, Half.INSERT), INCLUSIVE);
        }
        if (kind != StatementKind.INSERT) {
            requests.add(new Facet(table, Half.UPDATE), EXCLUSIVE);
        }
    }
}
