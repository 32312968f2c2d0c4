package io.mortise.engine.storage.sequence;

import java.util.List;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.engine.Database;
import org.h2.message.DbException;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStoreException;
import org.h2.result.SearchRow;
import org.h2.schema.Schema;
import org.h2.schema.Sequence;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;

/**
 * The sequences that a session's transaction has made. CREATE SEQUENCE is the one definition that commits nothing;
 * rolled back, it is gone from the catalogue, and H2 leaves it in memory. A table that then uses it makes the file one
 * that H2 opens as an empty database. So it goes from memory too. One thread, the one that is in the session.
 */
public final class NewSequences {
    /** Where H2 keeps the rows of its catalogue, by the numbers of the objects. */
    private static final String CATALOGUE = "table.0";

    private static final System.Logger LOG = System.getLogger(NewSequences.class.getName());

    /** May it have made one? */
    private boolean hasSome;

    /** A statement begins. */
    public void starts(@Nullable Command command) {
        int type = command == null ? CommandInterface.UNKNOWN : command.getCommandType();
        hasSome |= type == CommandInterface.CREATE_SEQUENCE || type == CommandInterface.EXECUTE;
    }

    /** The transaction has ended, and has the catalogue still. Throws nothing: its locks are given back next. */
    public void transactionEnded(Database database) {
        if (!hasSome) {
            return;
        }
        hasSome = false;
        try {
            forgetUndone(database);
        } catch (MVStoreException | DbException e) {
            LOG.log(System.Logger.Level.DEBUG, "the store is closed, and memory goes with it", e);
        }
    }

    /** The rows of the catalogue, by the numbers of the objects that they are about. */
    static MVMap<Long, VersionedValue<SearchRow>> catalogue(Database database) {
        return database.getStore().getMvStore().openMap(CATALOGUE, new MVMap.Builder<>());
    }

    private static void forgetUndone(Database database) {
        MVMap<Long, VersionedValue<SearchRow>> catalogue = catalogue(database);
        boolean forgotten = false;
        for (Schema schema : database.getAllSchemas()) {
            for (Sequence sequence : List.copyOf(schema.getAllSequences())) {
                if (isUndone(catalogue, sequence)) {
                    schema.remove(sequence);
                    forgotten = true;
                }
            }
        }
        if (forgotten) {
            database.getNextModificationMetaId(); // What names one of them is read again.
        }
    }

    private static boolean isUndone(MVMap<Long, VersionedValue<SearchRow>> catalogue, Sequence sequence) {
        if (sequence.getBelongsToTable() || sequence.isTemporary()) {
            return false;
        }
        @Nullable VersionedValue<SearchRow> row = catalogue.get((long) sequence.getId());
        return row == null || row.getCurrentValue() == null;
    }
}
