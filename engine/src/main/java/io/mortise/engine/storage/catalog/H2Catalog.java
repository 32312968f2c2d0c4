package io.mortise.engine.storage.catalog;

import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.virtual.Catalog;
import io.mortise.engine.virtual.VirtualFunction;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.engine.virtual.VirtualTableFunction;
import java.util.LinkedHashMap;
import java.util.Map;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;

/**
 * Shows virtual tables and functions to H2, in schemas that are in memory only: their ids are negative, and H2 writes
 * nothing of that kind to the file. One thread, while the database opens.
 *
 * <p>It is done before H2 reads its own catalogue, for a view of the user's may refer to these tables.
 */
public final class H2Catalog {
    /** The schema whose names need no prefix. */
    static final String ON_PATH = "SYS";

    /** H2's own are above. */
    private static final int FIRST_ID = -1000;

    private final OpenDatabase storage;
    private final Database database;
    private final Map<String, VirtualSchema> schemas = new LinkedHashMap<>();
    private int nextId = FIRST_ID;

    public H2Catalog(OpenDatabase storage) {
        this.storage = storage;
        this.database = storage.database();
    }

    public void install(Catalog catalog) {
        schema(ON_PATH);
        for (VirtualTable<?> table : catalog.tables()) {
            add(table);
        }
        for (VirtualFunction function : catalog.functions()) {
            VirtualSchema schema = schema(function.schema());
            schema.add(H2Functions.alias(schema, nextId--, new H2Functions.Scalar(storage, function)));
        }
        for (VirtualTableFunction<?> function : catalog.tableFunctions()) {
            VirtualSchema schema = schema(function.table().schema());
            schema.add(H2Functions.alias(schema, nextId--, new H2Functions.Tabular<>(storage, function)));
        }
    }

    private <R> void add(VirtualTable<R> table) {
        VirtualSchema schema = schema(table.schema());
        H2VirtualTable<R> shown = new H2VirtualTable<>(storage, schema, nextId--, table);
        schema.show(shown);
    }

    private VirtualSchema schema(String name) {
        return schemas.computeIfAbsent(name, missing -> {
            VirtualSchema made = new VirtualSchema(storage, nextId--, database.sysIdentifier(missing));
            database.addDatabaseObject(database.getSystemSession(), made);
            return made;
        });
    }

    /** Puts the schema on a session's search path, behind whatever is there; what is found earlier wins. */
    public static void putOnPath(Database database, SessionLocal session) {
        String name = database.sysIdentifier(ON_PATH);
        String[] path = session.getSchemaSearchPath();
        if (path == null) {
            session.setSchemaSearchPath(new String[] {name});
        } else if (!java.util.Arrays.asList(path).contains(name)) {
            String[] longer = java.util.Arrays.copyOf(path, path.length + 1);
            longer[path.length] = name;
            session.setSchemaSearchPath(longer);
        }
    }
}
