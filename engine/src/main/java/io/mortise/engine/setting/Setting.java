package io.mortise.engine.setting;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A setting: its key in the URL, where it counts, its unit, default and limits. Immutable. */
public enum Setting {
    SESSION_ID(Scope.SESSION, Kind.text(), "", "name of a session that connections of the same user share"),
    SESSION_CHECK(
            Scope.SESSION, Kind.choice("0", "1"), "0", "1: refuse to connect unless the named session exists already"),
    SESSION_TIMEOUT(
            Scope.SESSION,
            Kind.number("s", 1, 3600),
            "60",
            "how long a named session lives after its last connection has gone; fixed when it is created"),
    SESSION_BUSY(
            Scope.SESSION,
            Kind.choice("FAIL", "WAIT", "RETRY"),
            "FAIL",
            "what happens to a statement that comes while another is in flight on the session"),
    SESSION_BUSY_TIMEOUT(Scope.SESSION, Kind.number("ms", 0, Integer.MAX_VALUE), "30000", "limit of WAIT and RETRY"),
    SESSION_BUSY_GRACE(
            Scope.SESSION,
            Kind.number("ms", 0, 60_000),
            "500",
            "bounded wait of prepare, commit, rollback and setters behind a statement in flight"),
    LOCK_POLICY(Scope.DATABASE, Kind.choice("mvcc", "kognitio", "sqream"), "mvcc", "which locks a statement takes"),
    LOCK_TIMEOUT(
            Scope.SESSION,
            Kind.number("ms", 0, Integer.MAX_VALUE),
            "",
            "how long to wait for a lock; 0: not at all; the default comes with the policy"),
    LOCK_BARGING(
            Scope.DATABASE,
            Kind.number("us", 0, 1_000_000),
            "1000",
            "how long a running thread may pass the first waiter for a row; 0: never"),
    DEADLOCK_PRIORITY(Scope.SESSION, Kind.number("", -10, 10), "0", "the lowest of a deadlock gives way"),
    IDLE_IN_TRANSACTION_TIMEOUT(
            Scope.SESSION,
            Kind.number("ms", 0, Integer.MAX_VALUE),
            "0",
            "rolls back a transaction that has been idle for so long; 0: never"),
    IDLE_BLOCKER_TIMEOUT(
            Scope.SESSION,
            Kind.number("ms", 0, Integer.MAX_VALUE),
            "0",
            "the same, but only while somebody waits for it; 0: never"),
    TRANSACTION_TIMEOUT(
            Scope.SESSION,
            Kind.number("ms", 0, Integer.MAX_VALUE),
            "0",
            "rolls back a transaction that has been open for so long; 0: never"),
    LOCK_LOG(Scope.DATABASE, Kind.text(), "", "path of the file that long waits and deadlocks are written to"),
    JOURNAL_SIZE(Scope.DATABASE, Kind.number("", 100, 1_000_000), "10000", "entries that each journal keeps"),
    JOURNAL_TEXT(
            Scope.DATABASE,
            Kind.number("bytes", 256, 1_000_000),
            "4096",
            "what is kept of the text of a statement or an error, by journals, locks and reports"),
    JOURNAL_BYTES(
            Scope.DATABASE,
            Kind.number("bytes", 65_536, 1_000_000_000),
            "16777216",
            "what the texts of each journal take at most, about; the oldest go first"),
    EVENT_KEYS(
            Scope.DATABASE,
            Kind.choice("false", "true"),
            "false",
            "show the keys of rows and the names of advisory locks in events for JDK Flight Recorder, and to JMX"),
    JMX(
            Scope.DATABASE,
            Kind.choice("false", "true"),
            "false",
            "show the lock tables to JMX clients of this process, and let them end sessions"),
    SERVE(
            Scope.DATABASE,
            Kind.address(),
            "",
            "tcp:PORT or tcp:ADDRESS:PORT lets other processes attach, on loopback unless an address is given; 0: any port"),
    APPLICATION_NAME(Scope.SESSION, Kind.text(), "", "shown in the session tables"),
    NETWORK_TIMEOUT(
            Scope.SESSION,
            Kind.number("ms", 0, Integer.MAX_VALUE),
            "0",
            "closes the connection when a call takes longer; 0: never"),
    QUERY_TIMEOUT(
            Scope.SESSION,
            Kind.number("ms", 0, Integer.MAX_VALUE),
            "0",
            "cancels a statement that takes longer; 0: never"),
    CURRENT_SCHEMA(Scope.SESSION, Kind.text(), "", "the schema that a connection begins in"),
    BORROW_SITE(
            Scope.SESSION,
            Kind.choice("false", "true"),
            "false",
            "remember where the connection was opened, or its request begun: for SYS.SESSIONS, and for the log if it is"
                    + " never closed"),
    BIND_VALUES(
            Scope.SESSION,
            Kind.choice("false", "true"),
            "false",
            "show the values of parameters behind a statement's text, wherever that is shown: tables, messages, the log"),
    READ_ONLY(Scope.SESSION, Kind.choice("false", "true"), "false", "writes of the connection are refused"),
    /** Kognitio's lock timeout; milliseconds are {@link #LOCK_TIMEOUT}'s. */
    LKTI(Scope.DATABASE, Kind.number("s", 0, Integer.MAX_VALUE / 1000), "86400", "lock timeout of the kognitio policy"),
    DA_DUMP_LKTI(
            Scope.DATABASE,
            Kind.number("s", 0, Integer.MAX_VALUE / 1000),
            "600",
            "a wait of so long is written to LOCK_LOG with all locks; 0: never"),
    STATEMENT_LOCK_TIMEOUT(
            Scope.DATABASE,
            Kind.number("s", 1, Integer.MAX_VALUE / 1000),
            "3",
            "lock timeout of the sqream policy (statementLockTimeout)"),
    DEFAULT_AT_NOW(
            Scope.DATABASE,
            Kind.choice("2", "0"),
            "2",
            "kognitio policy: 2: a SELECT in autocommit takes no lock; 0: it takes shared locks");

    /** Where a setting counts: in the whole open database, or in one session. */
    public enum Scope {
        DATABASE,
        SESSION
    }

    /**
     * What values a setting takes. Immutable.
     *
     * @param isAddress is it empty or a {@link ServeAddress}?
     * @param unit empty where there is none
     * @param choices empty unless the values are listed
     */
    public record Kind(boolean isNumber, boolean isAddress, String unit, long least, long most, List<String> choices) {
        private Optional<String> complaint(String value) {
            if (isAddress) {
                return value.isEmpty() || ServeAddress.parse(value).isPresent()
                        ? Optional.empty()
                        : Optional.of("is neither tcp:PORT nor tcp:ADDRESS:PORT.");
            }
            if (!choices.isEmpty()) {
                return choices.stream().anyMatch(value::equalsIgnoreCase)
                        ? Optional.empty()
                        : Optional.of("is not one of " + String.join(", ", choices) + ".");
            }
            return isNumber ? numberComplaint(value) : Optional.empty();
        }

        private Optional<String> numberComplaint(String value) {
            if (!value.matches("[+-]?[0-9]+")) {
                return Optional.of("is not a whole number" + (unit.isEmpty() ? "." : " of " + unit + "."));
            }
            BigInteger number = new BigInteger(value);
            if (number.compareTo(BigInteger.valueOf(most)) > 0) {
                return Optional.of("is larger than " + withUnit(most) + ", the most it can be.");
            }
            if (number.compareTo(BigInteger.valueOf(least)) < 0) {
                return Optional.of("is smaller than " + withUnit(least) + ", the least it can be.");
            }
            return Optional.empty();
        }

        private String withUnit(long number) {
            return unit.isEmpty() ? Long.toString(number) : number + " " + unit;
        }

        static Kind text() {
            return new Kind(false, false, "", 0, 0, List.of());
        }

        static Kind address() {
            return new Kind(false, true, "", 0, 0, List.of());
        }

        static Kind choice(String... choices) {
            return new Kind(false, false, "", 0, 0, List.of(choices));
        }

        static Kind number(String unit, long least, long most) {
            return new Kind(true, false, unit, least, most, List.of());
        }
    }

    private final Scope scope;
    private final Kind kind;
    private final String defaultValue;
    private final String description;

    Setting(Scope scope, Kind kind, String defaultValue, String description) {
        this.scope = scope;
        this.kind = kind;
        this.defaultValue = defaultValue;
        this.description = description;
    }

    public Scope scope() {
        return scope;
    }

    public Kind kind() {
        return kind;
    }

    /** Is it for administrators only, and not for those who may lock the system? It reaches out of the database. */
    public boolean isAdministrators() {
        return this == LOCK_LOG || this == SERVE || this == EVENT_KEYS || this == JMX;
    }

    /** Empty where there is none, or where it depends on another setting. */
    public String defaultValue() {
        return defaultValue;
    }

    public String description() {
        return description;
    }

    /** The setting of this name, compared without case and underscores: {@code SESSION_BUSY} is {@code sessionBusy}. */
    public static Optional<Setting> named(String name) {
        String bare = bare(name);
        return Arrays.stream(values())
                .filter(setting -> bare(setting.name()).equals(bare))
                .findFirst();
    }

    /**
     * What is wrong with this value, as a sentence that names the setting, the value and the limit; empty if nothing is.
     */
    public Optional<String> complaint(String value) {
        return kind.complaint(value.trim()).map(wrong -> name() + "=" + value + " " + wrong);
    }

    /** The value as it is stored: choices as they are spelled here, whatever the case they came in. */
    public String normalised(String value) {
        String trimmed = value.trim();
        return kind.choices().stream()
                .filter(choice -> choice.equalsIgnoreCase(trimmed))
                .findFirst()
                .orElse(trimmed);
    }

    private static String bare(String name) {
        return name.replace("_", "").toUpperCase(Locale.ROOT);
    }
}
