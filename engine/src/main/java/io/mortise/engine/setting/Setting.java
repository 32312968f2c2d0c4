package io.mortise.engine.setting;

import io.mortise.engine.text.Cut;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A setting that a user can choose: its key in the URL, who keeps its value, what values it takes, and its default. The
 * rows here are the only list of them. Immutable, and equal to itself only.
 *
 * <p>A new one needs its row, somebody who reads it (and, if it can be set later, who puts it: {@link Keeper} says
 * where), and its setter in the driver's {@code SettingsBean}.
 */
public final class Setting<T> {
    /** Both are filled by the constructor, so that they stand before the rows. */
    private static final List<Setting<?>> ALL = new ArrayList<>();

    private static final Map<String, Setting<?>> BY_BARE_NAME = new HashMap<>();

    private static final int MOST_SECONDS = Integer.MAX_VALUE / 1000;

    public static final Setting<String> SESSION_ID = new Setting<>(
            "SESSION_ID",
            Keeper.CONNECTING,
            Values.name(),
            "name of a session that connections of the same user share");
    public static final Setting<Boolean> SESSION_CHECK = new Setting<>(
            "SESSION_CHECK",
            Keeper.CONNECTING,
            Values.flag("0", "1").or("0"),
            "1: refuse to connect unless the named session exists already");
    public static final Setting<Integer> SESSION_TIMEOUT = new Setting<>(
            "SESSION_TIMEOUT",
            Keeper.CONNECTING,
            Values.number("s", 1, 3600).or("60"),
            "how long a named session lives after its last connection has gone; fixed when it is created");
    public static final Setting<BusyMode> SESSION_BUSY = new Setting<>(
            "SESSION_BUSY",
            Keeper.CONNECTION,
            Values.oneOf(BusyMode.class, BusyMode::name).or("FAIL"),
            "what happens to a statement that comes while another is in flight on the session");
    public static final Setting<Integer> SESSION_BUSY_TIMEOUT = new Setting<>(
            "SESSION_BUSY_TIMEOUT",
            Keeper.CONNECTION,
            Values.number("ms", 0, Integer.MAX_VALUE).or("30000"),
            "limit of WAIT and RETRY");
    public static final Setting<Integer> SESSION_BUSY_GRACE = new Setting<>(
            "SESSION_BUSY_GRACE",
            Keeper.CONNECTION,
            Values.number("ms", 0, 60_000).or("500"),
            "bounded wait of prepare, commit, rollback and setters behind a statement in flight");
    public static final Setting<PolicyName> LOCK_POLICY = new Setting<>(
            "LOCK_POLICY",
            Keeper.DATABASE,
            Values.oneOf(PolicyName.class, PolicyName::text).or("mvcc"),
            "which locks a statement takes");
    public static final Setting<OptionalInt> LOCK_TIMEOUT = new Setting<>(
            "LOCK_TIMEOUT",
            Keeper.STORAGE,
            Values.numberIfGiven("ms", 0, Integer.MAX_VALUE),
            "how long to wait for a lock; 0: not at all; the default comes with the policy");
    public static final Setting<Integer> LOCK_BARGING = new Setting<>(
            "LOCK_BARGING",
            Keeper.DATABASE,
            Values.number("us", 0, 1_000_000).or("400"),
            "how long a running thread may pass the first waiter for a row; 0: never");
    public static final Setting<Boolean> OWN_COMMAND = new Setting<>(
            "OWN_COMMAND",
            Keeper.DATABASE,
            Values.flag().or("true"),
            "the engine runs statements on rows itself, which costs less; false: H2 does, as in earlier releases");
    public static final Setting<Integer> DEADLOCK_PRIORITY = new Setting<>(
            "DEADLOCK_PRIORITY",
            Keeper.STORAGE,
            Values.number("", -10, 10).or("0"),
            "the lowest of a deadlock gives way");
    public static final Setting<Integer> IDLE_IN_TRANSACTION_TIMEOUT = new Setting<>(
            "IDLE_IN_TRANSACTION_TIMEOUT",
            Keeper.SESSION,
            Values.number("ms", 0, Integer.MAX_VALUE).or("0"),
            "rolls back a transaction that has been idle this long; 0: never");
    public static final Setting<Integer> IDLE_BLOCKER_TIMEOUT = new Setting<>(
            "IDLE_BLOCKER_TIMEOUT",
            Keeper.SESSION,
            Values.number("ms", 0, Integer.MAX_VALUE).or("0"),
            "the same, but only while another session waits for it; 0: never");
    public static final Setting<Integer> TRANSACTION_TIMEOUT = new Setting<>(
            "TRANSACTION_TIMEOUT",
            Keeper.SESSION,
            Values.number("ms", 0, Integer.MAX_VALUE).or("0"),
            "rolls back a transaction that has been open this long; 0: never");
    public static final Setting<String> LOCK_LOG = new Setting<>(
            "LOCK_LOG",
            Keeper.ADMINISTRATORS,
            Values.path(),
            "path of the file that long waits and deadlocks are written to");
    public static final Setting<Integer> LOG_WAIT = new Setting<>(
            "LOG_WAIT",
            Keeper.DATABASE,
            Values.number("ms", 0, Integer.MAX_VALUE).or("5000"),
            "a wait that grows so old is logged once, with its blocker; 0: never, nor one that times out");
    public static final Setting<Integer> JOURNAL_SIZE = new Setting<>(
            "JOURNAL_SIZE",
            Keeper.DATABASE,
            Values.number("", 100, 1_000_000).or("10000"),
            "entries that each journal keeps");
    public static final Setting<Integer> JOURNAL_TEXT = new Setting<>(
            "JOURNAL_TEXT",
            Keeper.DATABASE,
            Values.number("bytes", 256, 1_000_000).or("4096"),
            "what is kept of the text of a statement or an error, by journals, locks and reports");
    public static final Setting<Integer> JOURNAL_BYTES = new Setting<>(
            "JOURNAL_BYTES",
            Keeper.DATABASE,
            Values.number("bytes", 65_536, 1_000_000_000).or("16777216"),
            "what the texts of each journal take at most, about; the oldest go first");
    public static final Setting<Boolean> EVENT_KEYS = new Setting<>(
            "EVENT_KEYS",
            Keeper.ADMINISTRATORS,
            Values.flag().or("false"),
            "show the keys of rows and the names of advisory locks in events for JDK Flight Recorder, and to JMX");
    public static final Setting<Boolean> JMX = new Setting<>(
            "JMX",
            Keeper.ADMINISTRATORS,
            Values.flag().or("false"),
            "show the lock tables to JMX clients of this process, and let them end sessions");
    public static final Setting<Optional<ServeAddress>> SERVE = new Setting<>(
            "SERVE",
            Keeper.ADMINISTRATORS,
            Values.address("tcp"),
            "tcp:PORT or tcp:ADDRESS:PORT lets other processes attach, on loopback unless an address is given; 0: any port");
    public static final Setting<Optional<ServeAddress>> WATCH = new Setting<>(
            "WATCH",
            Keeper.ADMINISTRATORS,
            Values.address("http"),
            "http:PORT or http:ADDRESS:PORT shows who blocks whom on a page; 0: any port; needs mortise-watch");
    public static final Setting<String> APPLICATION_NAME =
            new Setting<>("APPLICATION_NAME", Keeper.CONNECTION, Values.label(), "shown in the session tables");
    public static final Setting<Integer> NETWORK_TIMEOUT = new Setting<>(
            "NETWORK_TIMEOUT",
            Keeper.CONNECTION,
            Values.number("ms", 0, Integer.MAX_VALUE).or("0"),
            "closes the connection when a call takes longer; 0: never");
    public static final Setting<Integer> QUERY_TIMEOUT = new Setting<>(
            "QUERY_TIMEOUT",
            Keeper.STORAGE,
            Values.number("ms", 0, Integer.MAX_VALUE).or("0"),
            "cancels a statement that takes longer; 0: never");
    public static final Setting<String> CURRENT_SCHEMA =
            new Setting<>("CURRENT_SCHEMA", Keeper.CONNECTING, Values.name(), "the schema that a connection begins in");
    public static final Setting<Boolean> BORROW_SITE = new Setting<>(
            "BORROW_SITE",
            Keeper.CONNECTING,
            Values.flag().or("false"),
            "remember where the connection was opened, or its request begun: for SYS.SESSIONS, and the log if never closed");
    public static final Setting<Boolean> BIND_VALUES = new Setting<>(
            "BIND_VALUES",
            Keeper.STORAGE,
            Values.flag().or("false"),
            "show the values of parameters behind a statement's text, wherever that is shown: tables, messages, the log");
    public static final Setting<Boolean> REPORT_URL = new Setting<>(
            "REPORT_URL",
            Keeper.CONNECTING,
            Values.flag("MORTISE", "H2").or("MORTISE"),
            "H2: getURL() says jdbc:h2:…, for libraries that choose by the URL, such as JobRunr");
    public static final Setting<Boolean> READ_ONLY = new Setting<>(
            "READ_ONLY", Keeper.STORAGE, Values.flag().or("false"), "writes of the connection are refused");
    public static final Setting<Boolean> DEFERRABLE = new Setting<>(
            "DEFERRABLE",
            Keeper.STORAGE,
            Values.flag().or("false"),
            "a READ_ONLY transaction at SERIALIZABLE first waits for a safe snapshot, then is never refused");
    /** Kognitio's lock timeout; milliseconds are {@link #LOCK_TIMEOUT}'s. */
    public static final Setting<Integer> LKTI = new Setting<>(
            "LKTI",
            Keeper.DATABASE,
            Values.number("s", 0, MOST_SECONDS).or("86400"),
            "lock timeout of the kognitio policy");

    public static final Setting<Integer> DA_DUMP_LKTI = new Setting<>(
            "DA_DUMP_LKTI",
            Keeper.DATABASE,
            Values.number("s", 0, MOST_SECONDS).or("600"),
            "a wait this long is written to LOCK_LOG with all locks; 0: never");
    public static final Setting<Integer> STATEMENT_LOCK_TIMEOUT = new Setting<>(
            "STATEMENT_LOCK_TIMEOUT",
            Keeper.DATABASE,
            Values.number("s", 1, MOST_SECONDS).or("3"),
            "lock timeout of the sqream policy (statementLockTimeout)");
    /** Does a SELECT in autocommit read what is there now, and lock nothing? */
    public static final Setting<Boolean> DEFAULT_AT_NOW = new Setting<>(
            "DEFAULT_AT_NOW",
            Keeper.DATABASE,
            Values.flag("0", "2").or("2"),
            "kognitio policy: 2: a SELECT in autocommit takes no lock; 0: it takes shared locks");

    public static final Setting<Boolean> SERIALIZABLE_BY = new Setting<>(
            "SERIALIZABLE_BY",
            Keeper.DATABASE,
            Values.flag("SNAPSHOT", "LOCKS").or("SNAPSHOT"),
            "SERIALIZABLE under mvcc: SNAPSHOT: readers block nobody, conflicts are refused; LOCKS: readers take locks");
    public static final Setting<Integer> SERIALIZABLE_TRANSACTION_NOTES = new Setting<>(
            "SERIALIZABLE_TRANSACTION_NOTES",
            Keeper.DATABASE,
            Values.number("", 1, 1_000_000).or("1000"),
            "reads and writes that a serializable transaction notes one by one; with more, a table is noted as a whole");
    public static final Setting<Integer> SERIALIZABLE_NOTES = new Setting<>(
            "SERIALIZABLE_NOTES",
            Keeper.DATABASE,
            Values.number("", 1_000, 10_000_000).or("200000"),
            "notes of all serializable transactions; with more, the oldest that have ended are put together by table");
    public static final Setting<Integer> SERIALIZABLE_KEPT = new Setting<>(
            "SERIALIZABLE_KEPT",
            Keeper.DATABASE,
            Values.number("", 0, 1_000_000).or("5000"),
            "ended transactions that are kept one by one while one is open that has run beside them");

    private final String name;
    private final Keeper keeper;
    private final Values<T> values;
    private final T defaultValue;
    private final String description;

    private Setting(String name, Keeper keeper, Values<T> values, String description) {
        this.name = name;
        this.keeper = keeper;
        this.values = values;
        this.defaultValue = values.reader().apply(values.preset());
        this.description = description;
        ALL.add(this);
        BY_BARE_NAME.put(bare(name), this);
    }

    /** Every setting, in the order of the rows above. */
    public static List<Setting<?>> all() {
        return Collections.unmodifiableList(ALL);
    }

    /** The setting of this name, compared without case and underscores: {@code SESSION_BUSY} is {@code sessionBusy}. */
    public static Optional<Setting<?>> named(String name) {
        return Optional.ofNullable(BY_BARE_NAME.get(bare(name)));
    }

    private static String bare(String name) {
        return name.replace("_", "").toUpperCase(Locale.ROOT);
    }

    public String name() {
        return name;
    }

    public Keeper keeper() {
        return keeper;
    }

    public Scope scope() {
        return keeper == Keeper.DATABASE || keeper == Keeper.ADMINISTRATORS ? Scope.DATABASE : Scope.SESSION;
    }

    /** Is it for administrators only, and not for those who may lock the system? It reaches out of the database. */
    public boolean isAdministrators() {
        return keeper == Keeper.ADMINISTRATORS;
    }

    /** Empty where there is none. */
    public String unit() {
        return values.unit();
    }

    /** The values it takes, as they are written; empty unless they can be listed. */
    public List<String> choices() {
        return values.choices();
    }

    public T defaultValue() {
        return defaultValue;
    }

    /** As it is written; empty where there is none, or where it depends on another setting. */
    public String defaultText() {
        return values.preset();
    }

    public String description() {
        return description;
    }

    /**
     * What is wrong with this value, as a sentence that names the setting, the value and the limit; empty if nothing
     * is.
     */
    public Optional<String> complaint(String text) {
        return values.complaint().apply(text.trim()).map(wrong -> name + "=" + Cut.of(text, Cut.NAME) + " " + wrong);
    }

    /**
     * The value of a text without a {@link #complaint}, whatever the case it came in.
     *
     * @throws IllegalArgumentException otherwise
     */
    public T parse(String text) {
        return values.reader().apply(text.trim());
    }

    /** A value as it is written. */
    public String text(T value) {
        return values.writer().apply(value);
    }

    @Override
    public String toString() {
        return name;
    }
}
