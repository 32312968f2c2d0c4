package io.mortise.engine.storage.serial;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.h2.engine.Database;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.db.MVIndex;
import org.h2.mvstore.db.MVTable;
import org.h2.schema.Schema;
import org.h2.table.Table;
import org.jspecify.annotations.Nullable;

/**
 * The maps of the store in which the rows and indexes of all tables are, in one state of the catalogue: what a snapshot
 * of all tables is of. H2 looks for them at each such snapshot. Immutable.
 */
final class AllMaps {
    static final AllMaps UNKNOWN = new AllMaps(-1);

    private final long catalogue;
    private final List<MVMap<?, ?>> maps = new ArrayList<>();
    /** Where in the list each one is, by its number. */
    private final Map<Integer, Integer> places = new HashMap<>();

    private AllMaps(long catalogue) {
        this.catalogue = catalogue;
    }

    /**
     * Looks for them.
     *
     * @param catalogue H2's number of it, asked for before. H2 counts it on once a table or an index is there, so what
     *     is found may be newer, and not older.
     */
    static AllMaps of(Database database, long catalogue) {
        AllMaps found = new AllMaps(catalogue);
        for (Schema schema : database.getAllSchemasNoMeta()) {
            for (Table table : schema.getAllTablesAndViews(null)) {
                if (table instanceof MVTable stored) {
                    found.add(stored);
                }
            }
        }
        return found;
    }

    /** Another session may be adding to H2's list: so this reads a copy. That session has locked the table. */
    private void add(MVTable table) {
        for (@Nullable Object index : table.getIndexes().toArray()) {
            if (index instanceof MVIndex<?, ?> stored) {
                MVMap<?, ?> map = stored.getMVMap();
                if (places.putIfAbsent(map.getId(), maps.size()) == null) {
                    maps.add(map);
                }
            }
        }
    }

    /** Are they those of this state of the catalogue? */
    boolean isOf(long catalogueNow) {
        return catalogue == catalogueNow;
    }

    int size() {
        return maps.size();
    }

    MVMap<?, ?> get(int place) {
        return maps.get(place);
    }

    /** The place of the map of that number; null if it is none of them. */
    @Nullable
    Integer place(Integer number) {
        return places.get(number);
    }
}
