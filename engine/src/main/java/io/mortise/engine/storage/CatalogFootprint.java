package io.mortise.engine.storage;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.policy.Footprint;
import io.mortise.engine.policy.Situation;
import io.mortise.engine.policy.StatementKind;
import io.mortise.engine.policy.WantedLock;
import java.util.List;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.schema.Schema;
import org.jspecify.annotations.Nullable;

/** What a statement that changes the catalogue locks before it takes H2's meta table: schemas and rights. Stateless. */
final class CatalogFootprint {
    private CatalogFootprint() {}

    static List<WantedLock> requests(Storage storage, StorageSession session) {
        Situation situation = session.situation();
        if (situation.kind() == StatementKind.RIGHTS) {
            return storage.policy().requests(situation, Footprint.nothing());
        }
        if (situation.kind() == StatementKind.SCHEMA_DDL) {
            return storage.policy().requests(situation, new Footprint(schemas(storage, session), List.of()));
        }
        return List.of();
    }

    private static List<LockTarget.Schema> schemas(Storage storage, StorageSession session) {
        @Nullable Command command = session.h2().getCurrentCommand();
        if (command == null) {
            return List.of();
        }
        if (command.getCommandType() == CommandInterface.DROP_ALL_OBJECTS) {
            return storage.database().getAllSchemas().stream()
                    .filter(schema -> schema.getId() >= 0)
                    .map(schema -> new LockTarget.Schema(schema.getId()))
                    .toList();
        }
        Schema changed = H2Reflection.changedSchema(storage.database(), command);
        return changed == null ? List.of() : List.of(new LockTarget.Schema(changed.getId()));
    }
}
