package io.mortise.driver;

import io.mortise.engine.setting.Setting;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** The settings of a data source as bean properties, one setter a setting. Thread-safe. */
public abstract class SettingsBean {
    private final Map<Setting<?>, String> settings = Collections.synchronizedMap(new LinkedHashMap<>());

    SettingsBean() {}

    /** As given, unchecked: connecting checks them. */
    Map<Setting<?>, String> settings() {
        return settings;
    }

    void set(Setting<?> setting, String value) {
        settings.put(setting, value);
    }

    public void setSessionId(String value) {
        set(Setting.SESSION_ID, value);
    }

    public void setSessionCheck(String value) {
        set(Setting.SESSION_CHECK, value);
    }

    public void setSessionTimeout(int seconds) {
        set(Setting.SESSION_TIMEOUT, Integer.toString(seconds));
    }

    public void setSessionBusy(String value) {
        set(Setting.SESSION_BUSY, value);
    }

    public void setSessionBusyTimeout(int millis) {
        set(Setting.SESSION_BUSY_TIMEOUT, Integer.toString(millis));
    }

    public void setSessionBusyGrace(int millis) {
        set(Setting.SESSION_BUSY_GRACE, Integer.toString(millis));
    }

    public void setLockPolicy(String value) {
        set(Setting.LOCK_POLICY, value);
    }

    public void setLockTimeout(int millis) {
        set(Setting.LOCK_TIMEOUT, Integer.toString(millis));
    }

    public void setLockBarging(int micros) {
        set(Setting.LOCK_BARGING, Integer.toString(micros));
    }

    public void setDeadlockPriority(int value) {
        set(Setting.DEADLOCK_PRIORITY, Integer.toString(value));
    }

    public void setIdleInTransactionTimeout(int millis) {
        set(Setting.IDLE_IN_TRANSACTION_TIMEOUT, Integer.toString(millis));
    }

    public void setIdleBlockerTimeout(int millis) {
        set(Setting.IDLE_BLOCKER_TIMEOUT, Integer.toString(millis));
    }

    public void setTransactionTimeout(int millis) {
        set(Setting.TRANSACTION_TIMEOUT, Integer.toString(millis));
    }

    public void setLockLog(String value) {
        set(Setting.LOCK_LOG, value);
    }

    public void setLogWait(int millis) {
        set(Setting.LOG_WAIT, Integer.toString(millis));
    }

    public void setJournalSize(int value) {
        set(Setting.JOURNAL_SIZE, Integer.toString(value));
    }

    public void setOwnCommand(boolean value) {
        set(Setting.OWN_COMMAND, Boolean.toString(value));
    }

    public void setEventKeys(boolean value) {
        set(Setting.EVENT_KEYS, Boolean.toString(value));
    }

    public void setJournalText(int value) {
        set(Setting.JOURNAL_TEXT, Integer.toString(value));
    }

    public void setJournalBytes(int value) {
        set(Setting.JOURNAL_BYTES, Integer.toString(value));
    }

    public void setServe(String value) {
        set(Setting.SERVE, value);
    }

    public void setWatch(String value) {
        set(Setting.WATCH, value);
    }

    public void setJmx(boolean value) {
        set(Setting.JMX, Boolean.toString(value));
    }

    public void setApplicationName(String value) {
        set(Setting.APPLICATION_NAME, value);
    }

    public void setNetworkTimeout(int millis) {
        set(Setting.NETWORK_TIMEOUT, Integer.toString(millis));
    }

    public void setQueryTimeout(int millis) {
        set(Setting.QUERY_TIMEOUT, Integer.toString(millis));
    }

    public void setCurrentSchema(String value) {
        set(Setting.CURRENT_SCHEMA, value);
    }

    public void setBorrowSite(boolean remember) {
        set(Setting.BORROW_SITE, Boolean.toString(remember));
    }

    public void setBindValues(boolean show) {
        set(Setting.BIND_VALUES, Boolean.toString(show));
    }

    public void setReportUrl(String value) {
        set(Setting.REPORT_URL, value);
    }

    public void setReadOnly(boolean readOnly) {
        set(Setting.READ_ONLY, Boolean.toString(readOnly));
    }

    public void setDeferrable(boolean waits) {
        set(Setting.DEFERRABLE, Boolean.toString(waits));
    }

    public void setLkti(int seconds) {
        set(Setting.LKTI, Integer.toString(seconds));
    }

    public void setDaDumpLkti(int seconds) {
        set(Setting.DA_DUMP_LKTI, Integer.toString(seconds));
    }

    public void setStatementLockTimeout(int seconds) {
        set(Setting.STATEMENT_LOCK_TIMEOUT, Integer.toString(seconds));
    }

    public void setDefaultAtNow(String value) {
        set(Setting.DEFAULT_AT_NOW, value);
    }

    public void setSerializableBy(String value) {
        set(Setting.SERIALIZABLE_BY, value);
    }

    public void setSerializableTransactionNotes(int notes) {
        set(Setting.SERIALIZABLE_TRANSACTION_NOTES, Integer.toString(notes));
    }

    public void setSerializableNotes(int notes) {
        set(Setting.SERIALIZABLE_NOTES, Integer.toString(notes));
    }

    public void setSerializableKept(int transactions) {
        set(Setting.SERIALIZABLE_KEPT, Integer.toString(transactions));
    }
}
