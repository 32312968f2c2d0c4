package io.mortise.postgres.lock;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TargetNames;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What tables are called that a look has seen; others have their number. The server is not asked. Thread-safe. */
public final class Names implements TargetNames {
    private static final int MOST = 1_000;

    private final Map<Integer, Name> tables = new ConcurrentHashMap<>();

    /** Notes the names of the tables in a look. */
    public void remember(Look look) {
        if (tables.size() > MOST) {
            tables.clear(); // They are seen again, if they are locked again.
        }
        tables.putAll(look.tables());
    }

    @Override
    public Name of(LockTarget target) {
        int table = target.inTable().map(LockTarget.Table::id).orElse(0);
        String key = target instanceof LockTarget.Name name ? name.name() : "";
        return tables.getOrDefault(table, new Name("", "", table, key, Name.NO_ROW));
    }
}
