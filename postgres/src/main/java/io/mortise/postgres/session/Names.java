package io.mortise.postgres.session;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TargetNames;

/** What a target is called of which the server was not asked. Stateless. */
final class Names {
    private Names() {}

    static TargetNames.Name unknown(LockTarget target) {
        int table = target.inTable().map(LockTarget.Table::id).orElse(0);
        String key = target instanceof LockTarget.Name name ? name.name() : "";
        return new TargetNames.Name("", "", table, key, TargetNames.Name.NO_ROW);
    }
}
