package io.mortise.engine.storage.table;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.h2.engine.Database;
import org.h2.engine.RightOwner;
import org.h2.schema.Domain;
import org.h2.schema.Schema;
import org.h2.table.Table;

/**
 * What H2 keeps in plain lists and maps of something that all sessions share, and walks through without a lock. Here it
 * keeps them in lists and maps that may change meanwhile. Stateless.
 *
 * <p>A statement asks its tables for their constraints and sequences before it locks them. Some triggers fire that
 * early too, and may commit, which they may not under a lock. Nothing locks a domain for a CAST, or a user for a look
 * at his rights.
 */
final class SteadyParts {
    private static final VarHandle CONSTRAINTS = list(Table.class, "constraints");
    private static final VarHandle SEQUENCES = list(Table.class, "sequences");
    private static final VarHandle TRIGGERS = list(Table.class, "triggers");
    private static final VarHandle OF_DOMAIN = list(Domain.class, "constraints");
    private static final VarHandle ROLES = of(RightOwner.class, "grantedRoles", HashMap.class);
    private static final VarHandle RIGHTS = of(RightOwner.class, "grantedRights", HashMap.class);

    private SteadyParts() {}

    private static VarHandle list(Class<?> owner, String field) {
        return of(owner, field, ArrayList.class);
    }

    private static VarHandle of(Class<?> owner, String field, Class<?> type) {
        try {
            return MethodHandles.privateLookupIn(owner, MethodHandles.lookup()).findVarHandle(owner, field, type);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    /** A table is about to get a constraint. */
    static void ofConstraints(Table table) {
        ensureList(CONSTRAINTS, table);
    }

    /** A table is about to get a sequence. */
    static void ofSequences(Table table) {
        ensureList(SEQUENCES, table);
    }

    /** A table is about to get a trigger. */
    static void ofTriggers(Table table) {
        ensureList(TRIGGERS, table);
    }

    /** Those of all domains, users and roles. The catalogue is held: nobody changes one of them. */
    static void ofAll(Database database) {
        for (Schema schema : database.getAllSchemas()) {
            schema.getAllDomains().forEach(domain -> ensureList(OF_DOMAIN, domain));
        }
        for (RightOwner owner : database.getAllUsersAndRoles()) {
            ensureMap(ROLES, owner);
            ensureMap(RIGHTS, owner);
        }
    }

    private static void ensureList(VarHandle field, Object owner) {
        if (!(field.get(owner) instanceof SteadyList)) {
            ArrayList<?> first = (ArrayList<?>) field.get(owner);
            field.set(owner, new SteadyList<>(first == null ? List.of() : first));
        }
    }

    private static void ensureMap(VarHandle field, Object owner) {
        if (!(field.get(owner) instanceof SteadyMap)) {
            HashMap<?, ?> first = (HashMap<?, ?>) field.get(owner);
            field.set(owner, new SteadyMap<>(first == null ? Map.of() : first));
        }
    }
}
