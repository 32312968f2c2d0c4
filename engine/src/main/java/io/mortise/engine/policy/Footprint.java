package io.mortise.engine.policy;

import io.mortise.engine.lock.LockTarget.Schema;
import io.mortise.engine.lock.LockTarget.Table;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a statement touches. Immutable.
 *
 * @param schemas those that it names itself, as CREATE SCHEMA or the CREATE TABLE of a table yet to come does; the
 *     schemas of {@code tables} go without saying
 * @param tables each with what is done to it; a table may appear more than once
 */
public record Footprint(List<Schema> schemas, List<Use> tables) {
    public Footprint {
        schemas = List.copyOf(schemas);
        tables = List.copyOf(tables);
    }

    /** The schemas named, and those of the tables that the statement changes as such. */
    Set<Schema> changedSchemas() {
        Set<Schema> changed = new LinkedHashSet<>(schemas);
        for (Use use : tables) {
            if (use.access() == TableAccess.WHOLE) {
                changed.add(new Schema(use.table().schema()));
            }
        }
        return changed;
    }

    /** One table, and what is done to it. */
    public record Use(Table table, TableAccess access) {}

    /** What a statement touches that touches neither schemas nor tables. */
    public static Footprint nothing() {
        return new Footprint(List.of(), List.of());
    }

    public static Footprint of(Schema schema) {
        return new Footprint(List.of(schema), List.of());
    }

    public static Footprint of(Use... tables) {
        return new Footprint(List.of(), List.of(tables));
    }

    public static Footprint of(Table table, TableAccess access) {
        return of(new Use(table, access));
    }
}
