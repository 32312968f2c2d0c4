package io.mortise.engine.storage;

import io.mortise.engine.policy.LockPolicy;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.virtual.Catalog;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a database is opened with. It travels beside H2, which knows nothing of it: the thread that connects leaves it
 * here, and finds it again when H2, on that thread, asks for the first table. Immutable.
 *
 * @param bargingMicros see LOCK_BARGING
 * @param journalSize see JOURNAL_SIZE
 * @param catalog makes the virtual tables and functions of an open database
 */
public record OpeningOptions(
        LockPolicy policy, long bargingMicros, int journalSize, Function<Storage, Catalog> catalog) {
    private static final ThreadLocal<@Nullable OpeningOptions> CURRENT = new ThreadLocal<>();

    private static volatile Function<Storage, Catalog> usualCatalog = storage -> Catalog.EMPTY;

    /** Makes the tables and functions of a database that is opened without having been asked for here. */
    public static void setUsualCatalog(Function<Storage, Catalog> catalog) {
        usualCatalog = catalog;
    }

    /**
     * For a database that is opened with the table engine by H2's own hand: when it takes over from a process that
     * ended.
     */
    static OpeningOptions byDefault() {
        return of(Settings.DEFAULTS, usualCatalog);
    }

    public static OpeningOptions of(Settings settings, Function<Storage, Catalog> catalog) {
        return new OpeningOptions(
                LockPolicy.of(settings),
                settings.get(Setting.LOCK_BARGING),
                settings.get(Setting.JOURNAL_SIZE),
                catalog);
    }

    static OpeningOptions current() {
        OpeningOptions current = CURRENT.get();
        return current == null ? byDefault() : current;
    }

    /** Says what the databases that this thread opens are opened with, until {@link #done()}. */
    void begin() {
        CURRENT.set(this);
    }

    static void done() {
        CURRENT.set(null); // Removed, its place in the thread would be made again for each connection.
    }
}
