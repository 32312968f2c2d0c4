package io.mortise.engine.storage.definition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.h2.constraint.Constraint;
import org.h2.engine.Database;
import org.h2.engine.DbObject;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.schema.Schema;
import org.h2.schema.SchemaObject;
import org.h2.schema.Sequence;
import org.h2.table.Table;

/**
 * Statements that alter a table and were cut short by a crash. H2 copies the table, drops it, and gives the copy its
 * name, and commits in between. A process that is killed in that moment leaves the rows in a table of another name.
 * Only a file that nobody has closed can have such a table: in any other it is the user's, whatever its name.
 * Immutable.
 */
public final class UnfinishedAlters {
    private static final System.Logger LOG = System.getLogger(UnfinishedAlters.class.getName());

    /** The number of the session, and one more. A date behind a user's own copy often looks otherwise. */
    private static final Pattern COPY = Pattern.compile("(.+)_COPY_[1-9][0-9]{0,6}_(?:0|[1-9][0-9]{0,6})");

    private static final String MARK = "Left by an ALTER TABLE that was cut short. Its table was as before.";

    /** H2 writes it into the head of the file as it closes, and takes it away with the first that it writes again. */
    private static final String WAS_CLOSED = "clean";

    private final Database database;
    private final boolean mayBeThere;

    /** Looks at the file, as long as nothing has been written into it since it was opened. */
    public UnfinishedAlters(Database database) {
        MVStore store = database.getStore().getMvStore();
        this.database = database;
        this.mayBeThere = database.isPersistent()
                && !database.isReadOnly()
                && !store.getStoreHeader().containsKey(WAS_CLOSED);
    }

    /** Does the rest for copies whose table has been dropped, and marks those that are left. Before anybody reads. */
    public void finish() {
        if (!mayBeThere) {
            return;
        }
        List<Table> copies = new ArrayList<>();
        for (Schema schema : database.getAllSchemas()) {
            for (Table table : schema.getAllTablesAndViews(null)) {
                boolean isMarked = MARK.equals(table.getComment());
                if (!isMarked && COPY.matcher(table.getName()).matches() && isMadeByAlter(table)) {
                    copies.add(table);
                }
            }
        }
        // One may be left of an earlier crash, and be out of date.
        copies.sort(
                Comparator.comparingLong((Table copy) -> madeIn(database, copy)).reversed());
        copies.forEach(copy -> settle(database, copy));
    }

    /** In which version of the store. The numbers of tables are used again. */
    private static long madeIn(Database database, Table table) {
        MVMap<String, String> maps = database.getStore().getMvStore().getMetaMap();
        String map = maps.get("map." + maps.get("name.table." + table.getId()));
        return map == null ? 0 : DataUtils.readHexLong(DataUtils.parseMap(map), "createVersion", 0);
    }

    /** H2 names each key and index of a copy after it. Nobody else does so by chance. */
    private static boolean isMadeByAlter(Table table) {
        List<SchemaObject> keys = parts(table).stream()
                .filter(part -> part instanceof Constraint
                        || part instanceof Index index && !index.getIndexType().getBelongsToConstraint())
                .toList();
        return !keys.isEmpty() && keys.stream().allMatch(key -> isNamedAfter(table.getName(), key));
    }

    private static boolean isNamedAfter(String table, SchemaObject part) {
        return part.getName().startsWith(table + "_");
    }

    /** What has a name of its own, and goes where the table goes. */
    private static List<SchemaObject> parts(Table table) {
        List<SchemaObject> parts = new ArrayList<>();
        for (DbObject child : table.getChildren()) {
            if (child instanceof SchemaObject part
                    && !(child instanceof Sequence)
                    && child.getName() != null
                    && child.getCreateSQL() != null) {
                parts.add(part);
            }
        }
        return parts;
    }

    private static void settle(Database database, Table copy) {
        String left = copy.getTraceSQL();
        String name = COPY.matcher(copy.getName()).replaceFirst("$1");
        SessionLocal session = database.getSystemSession();
        if (copy.getSchema().findTableOrView(session, name) != null) {
            mark(database, session, copy);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} was left by an ALTER TABLE that the end of a process cut short. Table {1} is as it was before."
                            + " If that has its rows, drop {0}.",
                    left,
                    name);
        } else {
            rename(database, session, copy, name);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "Table {1} had been altered and dropped, and the end of a process came before its copy {0} had its"
                            + " name. It has it now.",
                    left,
                    name);
        }
    }

    /** It is no candidate any more: its table may be renamed or dropped later, and is not to come back then. */
    private static void mark(Database database, SessionLocal session, Table copy) {
        synchronized (session) {
            database.lockMeta(session);
            copy.setComment(MARK);
            database.updateMeta(session, copy);
            session.commit(true);
        }
    }

    /** As H2 does at the end of such a statement. */
    private static void rename(Database database, SessionLocal session, Table copy, String name) {
        String before = copy.getName();
        synchronized (session) {
            database.lockMeta(session);
            database.renameSchemaObject(session, copy, name);
            for (SchemaObject part : parts(copy)) {
                if (isNamedAfter(before, part)) {
                    String own = part.getName().substring(before.length() + 1);
                    database.renameSchemaObject(session, part, free(session, copy, part, own));
                }
            }
            session.commit(true);
        }
    }

    private static String free(SessionLocal session, Table table, SchemaObject part, String wanted) {
        Schema schema = part.getSchema();
        if (part instanceof Constraint && schema.findConstraint(session, wanted) != null) {
            return schema.getUniqueConstraintName(session, table);
        }
        return part instanceof Index && schema.findIndex(session, wanted) != null
                ? schema.getUniqueIndexName(session, table, wanted)
                : wanted;
    }
}
