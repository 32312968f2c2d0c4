package io.mortise.engine;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.journal.log.WaitLog;
import io.mortise.engine.policy.LockPolicy;
import io.mortise.engine.serial.Note.Bounds;
import io.mortise.engine.setting.Keeper;
import io.mortise.engine.setting.ServeAddress;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.storage.Storage;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The settings of an open database, as the first connection gave them or SET PARAMETER has changed them: their one
 * owner. Each has its row here, which carries a change out. Thread-safe.
 */
final class DatabaseSettings {
    private final Storage storage;
    private final Services services;
    private final WaitLog waits;
    private volatile Settings present; // written under this
    private final Map<Setting<?>, Row> rows = new HashMap<>(); // complete when the constructor is done

    /** Carries out a change to this value. */
    private interface Row {
        void put(String text) throws SQLException;
    }

    private interface Action<T> {
        void accept(T value) throws SQLException;
    }

    /**
     * @param opening what the connection asks for that opens the database; what is for administrators is left to be put
     */
    DatabaseSettings(Storage storage, Services services, WaitLog waits, Settings opening) {
        this.storage = storage;
        this.services = services;
        this.waits = waits;
        this.present = opening.only(setting -> setting.keeper() == Keeper.DATABASE);
        LogFile log = new LogFile(storage);
        rows.put(Setting.SERVE, text -> serve(Setting.SERVE.parse(text)));
        rows.put(Setting.WATCH, text -> watch(Setting.WATCH.parse(text)));
        row(Setting.JMX, shown -> {
            if (shown) {
                services.showToJmx();
            } else {
                services.hideFromJmx();
            }
        });
        row(Setting.LOCK_LOG, log::write);
        row(Setting.EVENT_KEYS, shown -> {
            storage.journal().flight().setShowingKeys(shown);
            waits.setShowingKeys(shown);
        });
        row(Setting.LOCK_BARGING, micros -> storage.locks().setBarging(micros));
        row(Setting.OWN_COMMAND, storage.ownCommands()::setOn);
        rowOfSeveral(Setting.DA_DUMP_LKTI, this::setLongWaits);
        rowOfSeveral(Setting.LOG_WAIT, this::setLongWaits);
        row(Setting.JOURNAL_SIZE, storage.journal()::resize);
        rowOfSeveral(Setting.JOURNAL_TEXT, this::limitJournal);
        rowOfSeveral(Setting.JOURNAL_BYTES, this::limitJournal);
        rowOfSeveral(Setting.LKTI, this::setPolicy);
        rowOfSeveral(Setting.STATEMENT_LOCK_TIMEOUT, this::setPolicy);
        rowOfSeveral(Setting.DEFAULT_AT_NOW, this::setPolicy);
        rows.put(Setting.SERIALIZABLE_BY, text -> {
            checkNobodyIsInATransaction();
            setPolicy(keep(Setting.SERIALIZABLE_BY, Setting.SERIALIZABLE_BY.parse(text)));
        });
        rowsOfNotes();
        rows.put(Setting.LOCK_POLICY, text -> {
            checkNobodyIsInATransaction();
            setPolicy(keep(Setting.LOCK_POLICY, Setting.LOCK_POLICY.parse(text)));
        });
    }

    private void rowsOfNotes() {
        rowOfSeveral(Setting.SERIALIZABLE_TRANSACTION_NOTES, this::limitNotes);
        rowOfSeveral(Setting.SERIALIZABLE_NOTES, this::limitNotes);
        rowOfSeveral(Setting.SERIALIZABLE_KEPT, this::limitNotes);
    }

    /** A change that may fail; it is shown once it is carried out. */
    private <T> void row(Setting<T> setting, Action<T> action) {
        rows.put(setting, text -> {
            T value = setting.parse(text);
            action.accept(value);
            keep(setting, value);
        });
    }

    /** A change that takes others with it, and does not fail: of two at once, the last is carried out with both. */
    private <T> void rowOfSeveral(Setting<T> setting, Consumer<Settings> action) {
        rows.put(setting, text -> action.accept(keep(setting, setting.parse(text))));
    }

    private synchronized <T> Settings keep(Setting<T> setting, T value) {
        Settings changed = present.with(setting, value);
        present = changed;
        return changed;
    }

    Settings present() {
        return present;
    }

    <T> T get(Setting<T> setting) {
        return present().get(setting);
    }

    /** Carries out what the connection that opens the database has asked for, and nobody has asked of storage yet. */
    void begin() {
        limitJournal(present());
        limitNotes(present());
        storage.ownCommands().setOn(get(Setting.OWN_COMMAND));
        setLongWaits(present());
    }

    /** @param text without complaint */
    void put(Setting<?> setting, String text) throws SQLException {
        Row row = rows.get(setting);
        if (row == null) {
            throw new AssertionError(setting + " is no setting of the database");
        }
        row.put(text);
    }

    /** Shows the port that was found; none if that fails, for nobody is served then. */
    private void serve(Optional<ServeAddress> wanted) throws SQLException {
        keep(Setting.SERVE, Optional.empty());
        keep(Setting.SERVE, services.change(wanted));
    }

    /** The same of the page. */
    private void watch(Optional<ServeAddress> wanted) throws SQLException {
        keep(Setting.WATCH, Optional.empty());
        keep(Setting.WATCH, services.watch(wanted));
    }

    private void limitJournal(Settings settings) {
        storage.journal().limit(settings.get(Setting.JOURNAL_TEXT), settings.get(Setting.JOURNAL_BYTES));
    }

    private void limitNotes(Settings settings) {
        storage.serializing()
                .serializer()
                .setBounds(new Bounds(
                        settings.get(Setting.SERIALIZABLE_TRANSACTION_NOTES),
                        settings.get(Setting.SERIALIZABLE_NOTES),
                        settings.get(Setting.SERIALIZABLE_KEPT)));
    }

    private void setLongWaits(Settings settings) {
        int logged = settings.get(Setting.LOG_WAIT);
        waits.setAge(logged);
        storage.locks().setLongWaits(logged, TimeUnit.SECONDS.toMillis(settings.get(Setting.DA_DUMP_LKTI)));
    }

    private void setPolicy(Settings settings) {
        storage.setPolicy(LockPolicy.of(settings));
    }

    /** What one policy leaves unlocked another takes for locked: a transaction is to run under one. */
    private void checkNobodyIsInATransaction() throws SQLException {
        String busy = storage.sessions().stream()
                .filter(session -> session.owner().isActive())
                .map(session -> Integer.toString(session.id()))
                .collect(Collectors.joining(", "));
        if (!busy.isEmpty()) {
            throw EngineError.INVALID_SETTING_VALUE.exception(
                    "LOCK_POLICY can be changed while nobody is in a transaction. Session " + busy
                            + " is in one. Nothing was changed. Try again when it has ended.");
        }
    }
}
