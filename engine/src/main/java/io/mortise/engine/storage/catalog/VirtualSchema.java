package io.mortise.engine.storage.catalog;

import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.h2.command.CommandInterface;
import org.h2.command.ddl.CreateTableData;
import org.h2.engine.Database;
import org.h2.engine.DbObject;
import org.h2.engine.SessionLocal;
import org.h2.result.Row;
import org.h2.schema.MetaSchema;
import org.h2.schema.Schema;
import org.h2.schema.SchemaObject;
import org.h2.schema.UserDefinedFunction;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * A schema of virtual tables and functions. They are in memory only: a reader of the file or a script without this
 * engine must find nothing of them. A file of plain H2's may have a schema of the same name: what is in that is there,
 * beside ours, and is looked after by H2. Its own tables and functions are set up before anybody sees it; thread-safe
 * as H2's schemas are.
 */
public final class VirtualSchema extends MetaSchema {
    /** What H2 writes down of a right, a comment or a synonym names the object that it is for. */
    private static final Pattern REFERENCE = Pattern.compile(
            "(?:GRANT [A-Z, ]+? ON |COMMENT ON [A-Z]+ |CREATE SYNONYM .+? FOR )"
                    + "(?:SCHEMA )?\"((?:[^\"]|\"\")+)\"(?:\\.\"((?:[^\"]|\"\")+)\")?",
            Pattern.DOTALL);

    private static final List<Integer> REFERRING = List.of(DbObject.RIGHT, DbObject.COMMENT, DbObject.SYNONYM);

    private final OpenDatabase storage;
    private final Map<String, Table> tables;

    VirtualSchema(OpenDatabase storage, int id, String name) {
        super(storage.database(), id, name, storage.database().getSystemUser());
        this.storage = storage;
        this.tables = storage.database().newStringMap();
    }

    void show(Table table) {
        tables.put(table.getName(), table);
    }

    @Override
    protected Map<String, Table> getMap(@Nullable SessionLocal session) {
        // Without a session H2 means what it looks after itself: what it writes, closes and drops.
        return session == null ? Map.of() : tables;
    }

    private static boolean isOurs(DbObject object) {
        return object.getId() < 0;
    }

    /** {@inheritDoc} The catalogue lists the functions; a script, which must run elsewhere, does not. */
    @Override
    public Collection<UserDefinedFunction> getAllFunctionsAndAggregates() {
        Collection<UserDefinedFunction> all = super.getAllFunctionsAndAggregates();
        return isScripting()
                ? all.stream().filter(function -> !isOurs(function)).toList()
                : all;
    }

    private boolean isScripting() {
        StorageSession running = storage.running();
        return running != null && running.statements().type() == CommandInterface.SCRIPT;
    }

    /** {@inheritDoc} DROP ALL OBJECTS asks for what it is to drop. */
    @Override
    public void getAll(int type, ArrayList<SchemaObject> to) {
        super.getAll(type, to);
        to.removeIf(object -> object.getSchema() == this && isOurs(object));
    }

    /** What is made here would be back, or gone, at the next opening, unless the file has the schema too. */
    private void checkChangeable() {
        if (!getDatabase().isStarting() && !isInFile()) {
            throw RoutedErrors.refuse("Schema " + getName() + " cannot be changed. What is in it belongs to the"
                    + " engine and is in no file. Use a schema of your own.");
        }
    }

    private void checkNotOurs(SchemaObject object) {
        if (isOurs(object)) {
            throw RoutedErrors.refuse("Schema " + getName() + " cannot be changed. " + object.getName()
                    + " belongs to the engine and is in no file.");
        }
    }

    /** Is anything in it that is not ours? */
    private boolean isInFile() {
        return !super.getAllTablesAndViews(null).isEmpty()
                || !getAllSequences().isEmpty()
                || !getAllDomains().isEmpty()
                || !getAllConstants().isEmpty()
                || super.getAllFunctionsAndAggregates().stream().anyMatch(function -> !isOurs(function));
    }

    @Override
    public void add(SchemaObject object) {
        checkChangeable();
        super.add(object);
    }

    @Override
    public Table createTable(CreateTableData data) {
        checkChangeable();
        return super.createTable(data);
    }

    @Override
    public void remove(SchemaObject object) {
        checkNotOurs(object);
        super.remove(object);
    }

    @Override
    public void rename(SchemaObject object, String name) {
        checkNotOurs(object);
        super.rename(object, name);
    }

    /** {@inheritDoc} Asked for by a script: what the file has in the schema needs it. */
    @Override
    public @Nullable String getCreateSQL() {
        return isInFile()
                ? getSQL(new StringBuilder("CREATE SCHEMA IF NOT EXISTS "), DEFAULT_SQL_FLAGS)
                        .toString()
                : null;
    }

    private boolean isOurs(@Nullable String name) {
        return name == null
                ? !isInFile()
                : tables.containsKey(name)
                        || super.getAllFunctionsAndAggregates().stream()
                                .anyMatch(function ->
                                        isOurs(function) && function.getName().equals(name));
    }

    /**
     * A row is about to be written to H2's catalogue. One that refers to what is not in the file would be an error for
     * who opens that without this engine, and in every script.
     */
    public static void checkStorable(Database database, Row row) {
        if (!REFERRING.contains(row.getValue(2).getInt())) {
            return;
        }
        Matcher reference = REFERENCE.matcher(String.valueOf(row.getValue(3).getString()));
        if (!reference.lookingAt()) {
            return;
        }
        String object = reference.group(2) == null ? null : unquoted(reference.group(2));
        Schema schema = database.findSchema(unquoted(reference.group(1)));
        if (schema instanceof VirtualSchema known && known.isOurs(object)) {
            throw RoutedErrors.refuse(schema.getName() + (object == null ? "" : "." + object)
                    + " is in no file, so nothing can be stored that refers to it. Everybody may read it without a"
                    + " right; a view may name it.");
        }
    }

    private static String unquoted(String name) {
        return name.replace("\"\"", "\"");
    }
}
