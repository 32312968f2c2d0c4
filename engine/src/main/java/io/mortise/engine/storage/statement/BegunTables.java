package io.mortise.engine.storage.statement;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * How often a table had been altered when a statement of the session began to look at it. H2 looks at columns,
 * defaults, checks and triggers for a row to be inserted before it locks the table; a definition may come in between.
 * One thread.
 *
 * <p>A statement in a trigger may lock the table for the one around it. That one hears of the definition when it comes
 * to lock the table itself.
 */
public final class BegunTables {
    /**
     * @param by a statement's number
     * @param depth how often the thread had entered the session: more often within a statement inside another
     */
    private record Look(Table table, long by, int depth, int alterations) {
        boolean isOf(Table other, long statement) {
            return table == other && by == statement;
        }
    }

    private final LongSupplier running;
    private @Nullable Table first;
    private long firstBy; // a statement's number: the collector minds each write of a reference
    private int firstDepth;
    private int alterations;
    /** Of other tables, and of statements that run one inside another: a trigger has some. Null if there are none. */
    private @Nullable List<Look> others;

    /** @param running the number of the innermost statement */
    public BegunTables(LongSupplier running) {
        this.running = running;
    }

    /** Has any statement begun to look at a table that it has not locked since? */
    public boolean isAny() {
        return firstBy != 0 || others != null;
    }

    /**
     * The statement begins to look at a table, which has been altered so often.
     *
     * @param depth how often the thread has entered the session
     */
    public void begins(Table table, int depth, int now) {
        long by = running.getAsLong();
        remove(look -> isOver(look.by, look.depth, by, depth) || look.isOf(table, by));
        if (firstBy == 0 || first == table && firstBy == by || isOver(firstBy, firstDepth, by, depth)) {
            if (first != table) {
                first = table;
            }
            firstBy = by;
            firstDepth = depth;
            alterations = now;
            return;
        }
        List<Look> looks = others == null ? new ArrayList<>(2) : others;
        looks.add(new Look(table, by, depth, now));
        others = looks;
    }

    /** Is a statement over, as the other one runs at its depth? */
    private static boolean isOver(long statement, int depth, long other, int at) {
        return depth > at || depth == at && statement != other;
    }

    /**
     * Has the table been altered since the statement began to look at it? It is locked now, and altered no more. The
     * statement is told once, and looks anew.
     */
    public boolean misses(Table table, int now) {
        if (firstBy != 0 && first == table && alterations != now && firstBy == running.getAsLong()) {
            firstBy = 0;
            return true;
        }
        if (others == null) {
            return false;
        }
        long by = running.getAsLong();
        return remove(look -> look.isOf(table, by) && look.alterations != now);
    }

    /**
     * The table is locked for the statement, and has been altered so often: until the transaction ends, nobody else
     * alters it. A statement around this one that has missed something is still to hear of it.
     */
    public void locked(Table table, int now) {
        if (first == table && alterations == now) {
            firstBy = 0;
        }
        if (others != null) {
            remove(look -> look.table == table && look.alterations == now);
        }
    }

    private boolean remove(Predicate<Look> over) {
        if (others == null || !others.removeIf(over)) {
            return false;
        }
        if (others.isEmpty()) {
            others = null;
        }
        return true;
    }

    /** The transaction has ended. */
    public void clear() {
        firstBy = 0;
        if (others != null) {
            others = null;
        }
    }
}
