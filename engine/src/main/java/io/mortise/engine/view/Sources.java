package io.mortise.engine.view;

import io.mortise.engine.journal.Journal;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.setting.PolicyName;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.thread.EngineClock;
import io.mortise.engine.virtual.Reader;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Where the tables get what they show. Each answers at once, whatever the sessions do. Immutable.
 *
 * @param locks all that the lock manager knows
 * @param rowLocks row locks that only storage knows: uncommitted rows. There may be millions; the stream is closed
 * @param notes what serializable transactions that lock nothing have noted of their reads
 * @param sessions everybody, by whatever route they came
 * @param server what SQream's and ClickHouse's tables say of the server
 * @param settings the value of a setting for this reader
 * @param borrowSite where the connection of a session was taken, if that is recorded
 * @param closesAt when a named session goes, if no connection comes
 */
public record Sources(
        Supplier<LockSnapshot> locks,
        Supplier<Stream<LockRow>> rowLocks,
        Supplier<Stream<ReadNote>> notes,
        Supplier<List<SessionRow>> sessions,
        Journal journal,
        TargetNames names,
        EngineClock clock,
        Supplier<Server> server,
        BiFunction<Reader, Setting<?>, String> settings,
        Function<SessionRow, Optional<String>> borrowSite,
        Function<SessionRow, Optional<Instant>> closesAt) {

    /**
     * A part of a table that a transaction has looked at.
     *
     * @param place the key or the range; empty for the whole table
     * @param by the statement that has looked
     */
    public record ReadNote(OwnerId owner, LockTarget.Table table, String place, StatementRecord by) {}

    /**
     * The database, as one that is served to others.
     *
     * @param host its name
     * @param port 0 unless it is served
     */
    public record Server(String database, String host, int port, PolicyName policy) {}
}
