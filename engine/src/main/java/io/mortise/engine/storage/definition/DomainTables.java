package io.mortise.engine.storage.definition;

import io.mortise.engine.storage.h2.H2Reflection;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.h2.command.Prepared;
import org.h2.command.ddl.AlterDomain;
import org.h2.engine.SessionLocal;
import org.h2.schema.Domain;
import org.h2.table.Column;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * The tables with a column of the domain that is altered or dropped. H2 locks none of them: what somebody has inserted
 * and not committed would get past a new constraint, and who is about to insert would meet one that is gone. Stateless.
 */
public final class DomainTables {
    private static final VarHandle ALTERED;

    static {
        try {
            ALTERED = H2Reflection.in(AlterDomain.class).findVarHandle(AlterDomain.class, "domainName", String.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private DomainTables() {}

    /**
     * Those of one definition, whosever they are.
     *
     * @throws org.h2.message.DbException if the user may not alter the domain
     */
    public static List<Table> of(SessionLocal session, Prepared prepared) {
        @Nullable Domain altered = domain(prepared);
        if (altered == null) {
            return List.of();
        }
        session.getUser().checkSchemaOwner(altered.getSchema());
        return tables(session).filter(table -> hasColumnOf(table, altered)).toList();
    }

    private static @Nullable Domain domain(Prepared prepared) {
        return prepared instanceof AlterDomain alter
                ? Definitions.schema(alter).findDomain((String) ALTERED.get(alter))
                : null;
    }

    private static Stream<Table> tables(SessionLocal session) {
        return session.getDatabase().getAllSchemasNoMeta().stream()
                .flatMap(schema -> schema.getAllTablesAndViews(null).stream());
    }

    private static boolean hasColumnOf(Table table, Domain altered) {
        return Arrays.stream(table.getColumns()).map(Column::getDomain).anyMatch(domain -> isOf(domain, altered));
    }

    private static boolean isOf(@Nullable Domain domain, Domain altered) {
        for (Domain above = domain; above != null; above = above.getDomain()) {
            if (above == altered) {
                return true;
            }
        }
        return false;
    }
}
