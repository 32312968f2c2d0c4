package io.mortise.engine.storage.statement;

import io.mortise.engine.lock.StatementRecord;
import java.util.HashMap;
import java.util.Map;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * How often a table had been altered when a statement of the session began to look at it. H2 looks at columns,
 * defaults, checks and triggers for a row to be inserted before it locks the table; a definition may come in between.
 * One thread.
 */
public final class BegunTables {
    private record Look(StatementRecord by, int alterations) {}

    private @Nullable Table first;
    private long firstBy; // a statement's number: the collector minds each write of a reference
    private int alterations;
    /** Of statements that run one inside another: a trigger has one for another table. */
    private @Nullable Map<Table, Look> others;

    /** A statement begins to look at a table, which has been altered so often. */
    public void begins(Table table, StatementRecord by, int now) {
        if (firstBy == 0 || first == table) {
            if (first != table) {
                first = table;
            }
            firstBy = by.id();
            alterations = now;
            return;
        }
        if (others == null) {
            others = new HashMap<>();
        }
        others.put(table, new Look(by, now));
    }

    /** Has it been altered since this statement began to look at it? It is locked now, and altered no more. */
    public boolean isAltered(Table table, StatementRecord by, int now) {
        if (first == table) {
            return firstBy == by.id() && alterations != now;
        }
        Look look = others == null ? null : others.get(table);
        return look != null && look.by == by && look.alterations != now;
    }

    /** The table is locked: until the transaction ends, nobody else alters it. */
    public void locked(Table table) {
        if (first == table) {
            firstBy = 0;
        }
    }

    /** The transaction has ended. */
    public void clear() {
        firstBy = 0;
        if (others != null) {
            others = null;
        }
    }
}
