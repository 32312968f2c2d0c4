package io.mortise.engine.policy;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import java.util.Comparator;

/** A lock that a statement asks for. Immutable; {@link #IN_ORDER} is the order in which all statements ask. */
public record WantedLock(LockTarget target, LockMode mode) {
    /**
     * One order for every statement: two that ask in it for all they need before they run can wait for each other, but
     * not in a circle. From what is wide to what is narrow, then by id.
     */
    public static final Comparator<WantedLock> IN_ORDER = Comparator.<WantedLock>comparingInt(
                    request -> breadth(request.target()))
            .thenComparingInt(request -> id(request.target()))
            .thenComparingInt(request -> half(request.target()));

    private static int breadth(LockTarget target) {
        if (target instanceof LockTarget.System) {
            return 0;
        } else if (target instanceof LockTarget.GlobalPermission) {
            return 1;
        } else if (target instanceof LockTarget.Database) {
            return 2;
        } else if (target instanceof LockTarget.Schema) {
            return 3;
        } else {
            return 4;
        }
    }

    private static int id(LockTarget target) {
        if (target instanceof LockTarget.Schema schema) {
            return schema.id();
        } else if (target instanceof LockTarget.Table table) {
            return table.id();
        } else if (target instanceof LockTarget.Facet facet) {
            return facet.table().id();
        } else {
            return 0;
        }
    }

    // A table comes before its facets.
    private static int half(LockTarget target) {
        return target instanceof LockTarget.Facet facet ? 1 + facet.half().ordinal() : 0;
    }
}
