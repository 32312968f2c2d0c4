package io.mortise.engine.storage.definition;

import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.h2.command.Prepared;
import org.h2.command.ddl.AlterDomain;
import org.h2.command.ddl.AlterDomainAddConstraint;
import org.h2.engine.SessionLocal;
import org.h2.schema.Domain;
import org.h2.table.Column;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * The tables with a column of the domain that gets a constraint. H2 looks at the committed rows of these, and locks
 * none: what somebody has inserted and not committed would get past the constraint. Stateless.
 */
public final class DomainTables {
    private static final VarHandle ALTERED;

    static {
        try {
            ALTERED = Definitions.in(AlterDomain.class).findVarHandle(AlterDomain.class, "domainName", String.class);
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
        if (!(prepared instanceof AlterDomainAddConstraint alter)) {
            return List.of();
        }
        Domain altered = Definitions.schema(alter).findDomain((String) ALTERED.get(alter));
        if (altered == null) {
            return List.of();
        }
        session.getUser().checkSchemaOwner(altered.getSchema());
        return tables(session).filter(table -> hasColumnOf(table, altered)).toList();
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
