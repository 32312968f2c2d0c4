package io.mortise.engine.view;

import io.mortise.engine.journal.report.TargetKind;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.setting.PolicyName;
import java.util.Locale;
import java.util.Optional;

/** What SQream calls locks: {@code table$db$PUBLIC$ACCOUNTS$Insert}, with the catalogue's own letters. Immutable. */
public record SqreamNames(String database, PolicyName policy, TargetNames names) {
    /**
     * The object of a lock; empty if SQream would have none for it. Rows have none of their own: who locks one has a
     * lock on its table. In the other policies an intent on a schema or the database only announces what is shown
     * anyway.
     */
    public Optional<String> object(LockRow lock) {
        TargetNames.Name name = names.of(lock.target());
        String schema = database + "$" + name.schema();
        boolean announces = lock.mode().isIntention();
        return switch (TargetKind.of(lock.target())) {
            case DATABASE -> Optional.of("database$" + database).filter(object -> !announces || isSqream());
            case SCHEMA -> Optional.of("schema$" + schema).filter(object -> !announces || isSqream());
            case GLOBAL_PERMISSION -> Optional.of("globalpermission$");
            case TABLE -> Optional.of("table$" + schema + "$" + name.table()).filter(object -> !isSqream());
            case FACET ->
                Optional.of("table$" + schema + "$" + name.table() + "$" + half((LockTarget.Facet) lock.target()));
            case SYSTEM, ROW, ROW_KEY, UNIQUE_KEY, ADVISORY, STATEMENT_SLOT, TRANSACTION -> Optional.empty();
        };
    }

    /**
     * In the sqream policy Inclusive is IX and Exclusive is X; elsewhere what locks rows of a table has it exclusively.
     */
    public String mode(LockRow lock) {
        boolean inclusive = isSqream() ? lock.mode() != LockMode.X : lock.mode().isShared();
        return inclusive ? "Inclusive" : "Exclusive";
    }

    private boolean isSqream() {
        return policy == PolicyName.SQREAM;
    }

    private static String half(LockTarget.Facet facet) {
        String half = facet.half().name();
        return half.charAt(0) + half.substring(1).toLowerCase(Locale.ROOT);
    }
}
