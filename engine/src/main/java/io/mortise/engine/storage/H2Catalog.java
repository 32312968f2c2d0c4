package io.mortise.engine.storage;

import io.mortise.engine.virtual.Catalog;
import io.mortise.engine.virtual.VirtualFunction;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.engine.virtual.VirtualTableFunction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import org.h2.command.ddl.CreateTableData;
import org.h2.engine.Database;
import org.h2.engine.SessionLocal;
import org.h2.schema.MetaSchema;
import org.h2.schema.SchemaObject;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * Shows virtual tables and functions to H2, in schemas that are in memory only: their ids are negative, and H2 writes
 * nothing of that kind to the file. One thread, while the database opens.
 *
 * <p>It is done before H2 reads its own catalogue, for a view of the user's may refer to these tables.
 */
final class H2Catalog {
    /** The schema whose names need no prefix. */
    static final String ON_PATH = "SYS";

    /** H2's own are above. */
    private static final int FIRST_ID = -1000;

    private final Storage storage;
    private final Database database;
    private final Map<String, VirtualSchema> schemas = new LinkedHashMap<>();
    private int nextId = FIRST_ID;

    H2Catalog(Storage storage) {
        this.storage = storage;
        this.database = storage.database();
    }

    /** A schema of virtual tables. Its tables are set up before anybody sees it. */
    private static final class VirtualSchema extends MetaSchema {
        private final Storage storage;
        private final Map<String, Table> tables;
        private volatile boolean sealed;

        VirtualSchema(Storage storage, int id, String name) {
            super(storage.database(), id, name, storage.database().getSystemUser());
            this.storage = storage;
            tables = getDatabase().newStringMap();
        }

        @Override
        protected Map<String, Table> getMap(@Nullable SessionLocal session) {
            // Without a session H2 means what it looks after itself: what it writes, closes and drops.
            return session == null ? Map.of() : tables;
        }

        /** From now on nobody adds, changes or drops anything here: it would be back, or gone, at the next opening. */
        private void seal() {
            sealed = true;
        }

        private void checkNotSealed() {
            if (sealed) {
                throw RoutedErrors.refuse("Schema " + getName() + " cannot be changed. What is in it belongs to the"
                        + " engine and is in no file. Use a schema of your own.");
            }
        }

        @Override
        public void add(SchemaObject object) {
            checkNotSealed();
            super.add(object);
        }

        @Override
        public void remove(SchemaObject object) {
            checkNotSealed();
            super.remove(object);
        }

        @Override
        public void rename(SchemaObject object, String name) {
            checkNotSealed();
            super.rename(object, name);
        }

        @Override
        public Table createTable(CreateTableData data) {
            checkNotSealed();
            return super.createTable(data);
        }

        /** {@inheritDoc} DROP ALL OBJECTS, which asks for what it is to drop, is shown nothing. */
        @Override
        public void getAll(int type, ArrayList<SchemaObject> to) {
            if (!storage.watch().isDroppingAll()) {
                super.getAll(type, to);
            }
        }
    }

    void install(Catalog catalog) {
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
        schemas.values().forEach(VirtualSchema::seal);
    }

    private <R> void add(VirtualTable<R> table) {
        VirtualSchema schema = schema(table.schema());
        H2VirtualTable<R> shown = new H2VirtualTable<>(storage, schema, nextId--, table);
        schema.tables.put(shown.getName(), shown);
    }

    private VirtualSchema schema(String name) {
        return schemas.computeIfAbsent(name, missing -> {
            VirtualSchema made = new VirtualSchema(storage, nextId--, database.sysIdentifier(missing));
            database.addDatabaseObject(database.getSystemSession(), made);
            return made;
        });
    }

    /** Puts the schema on a session's search path, behind whatever is there; what is found earlier wins. */
    static void putOnPath(Database database, SessionLocal session) {
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
