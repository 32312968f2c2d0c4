package io.mortise.engine.storage.count;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.h2.engine.Constants;
import org.h2.engine.Database;
import org.h2.engine.QueryStatisticsData;
import org.jspecify.annotations.Nullable;

/**
 * Hears from H2 the update count of each statement that has succeeded. Thread-safe; called on the thread that runs it.
 *
 * <p>H2 tells its event listener that a statement has ended, but only its query statistics how many rows it has
 * changed. That is the number that the client gets, without what triggers, cascades and functions changed besides. So
 * this stands where H2 keeps the statistics, and passes on what it hears to H2's own statistics while a user has
 * switched those on.
 */
public final class UpdateCounts extends QueryStatisticsData {
    private static final VarHandle FLAG;
    private static final VarHandle DATA;

    static {
        try {
            MethodHandles.Lookup databases = MethodHandles.privateLookupIn(Database.class, MethodHandles.lookup());
            FLAG = databases.findVarHandle(Database.class, "queryStatistics", boolean.class);
            DATA = databases.findVarHandle(Database.class, "queryStatisticsData", AtomicReference.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private final LongConsumer listener;
    private volatile @Nullable QueryStatisticsData users;
    private volatile int entries = Constants.QUERY_STATISTICS_MAX_ENTRIES;

    /** @param listener is told each count */
    public UpdateCounts(LongConsumer listener) {
        super(0);
        this.listener = listener;
    }

    /** H2 tells this of each statement that succeeds from now on. */
    @SuppressWarnings("unchecked")
    public void takePlace(Database database) {
        ((AtomicReference<QueryStatisticsData>) DATA.get(database)).set(this);
        FLAG.setVolatile(database, true);
    }

    /**
     * A user is about to say whether statistics are wanted. H2's flag, set for our sake, now says what was wanted
     * before.
     */
    public void makeRoom(Database database) {
        FLAG.setVolatile(database, users != null);
    }

    /** After {@link #makeRoom}: notes what the user has said, if anything, and takes the place again. */
    public void returnTo(Database database) {
        boolean wanted = database.getQueryStatistics();
        if (wanted != (users != null)) {
            users = wanted ? new QueryStatisticsData(entries) : null;
        }
        takePlace(database);
    }

    /** Does a user want statistics? */
    public boolean areWanted() {
        return users != null;
    }

    @Override
    public void update(String sql, long nanos, long rows) {
        listener.accept(rows);
        QueryStatisticsData wanted = users;
        if (wanted != null) {
            wanted.update(sql, nanos, rows);
        }
    }

    @Override
    public List<QueryEntry> getQueries() {
        QueryStatisticsData wanted = users;
        return wanted == null ? List.of() : wanted.getQueries();
    }

    @Override
    public void setMaxQueryEntries(int most) {
        entries = most;
        QueryStatisticsData wanted = users;
        if (wanted != null) {
            wanted.setMaxQueryEntries(most);
        }
    }
}
