package io.mortise.engine.journal.report;

import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.lock.TargetNames.Name;
import io.mortise.engine.text.OneLine;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What one reader may be shown of locks: the one place that decides it. Immutable.
 *
 * <p>That a lock, a wait or a session is there, and whose it is, is for everybody. Statements and code are for their
 * own user and for administrators. Three kinds of users see the key of a row, or an advisory name: who has a lock on
 * it, who may read its table, and administrators.
 */
public final class Sight {
    private final Called called;
    private final Predicate<UserName> statements;
    private final Predicate<LockTarget> keys;
    private final UserName user;

    /** What things are called. */
    private record Called(TargetNames names, Function<StatementRecord, String> threads) {}

    private Sight(TargetNames names, Predicate<UserName> statements, Predicate<LockTarget> keys, UserName user) {
        this(new Called(names, StatementRecord::threadName), statements, keys, user);
    }

    private Sight(Called called, Predicate<UserName> statements, Predicate<LockTarget> keys, UserName user) {
        this.called = called;
        this.statements = statements;
        this.keys = keys;
        this.user = user;
    }

    /** An administrator's. */
    public static Sight ofAll(TargetNames names) {
        return new Sight(names, user -> true, target -> true, UserName.NONE);
    }

    /** Of those who read events and logs, outside the database: statements without the keys of rows. */
    public static Sight withoutKeys(TargetNames names) {
        return new Sight(names, user -> true, target -> false, UserName.NONE);
    }

    /** Of what is there now. */
    public static Sight of(Reader reader, TargetNames names) {
        return new Sight(
                names,
                reader::maySee,
                target -> target.inTable().isPresent()
                        ? reader.maySeeKeys(target.inTable().get().id())
                        : reader.maySeeAllKeys(),
                reader.user());
    }

    /** Of what was there at that time, on the engine's clock. */
    public static Sight of(Reader reader, TargetNames names, long atNanos) {
        return new Sight(
                names,
                reader::maySee,
                target -> target.inTable().isPresent()
                        ? reader.maySeeKeys(target.inTable().get().id(), atNanos)
                        : reader.maySeeAllKeys(),
                reader.user());
    }

    /**
     * The same of one deadlock, and decided now: whatever becomes of rights, tables, rows and threads, the report made
     * with it says what it would have said at once.
     */
    public Sight settled(DeadlockReport report) {
        Map<LockTarget, Name> named = new HashMap<>();
        Set<LockTarget> withKeys = new HashSet<>();
        Set<UserName> users = new HashSet<>();
        Map<Long, String> threads = new HashMap<>();
        for (DeadlockReport.Member member : report.members()) {
            LockTarget target = member.waitsFor().target();
            Party party = member.party();
            named.put(target, called.names.of(target));
            if (keys.test(target)) {
                withKeys.add(target);
            }
            if (statements.test(party.user())) {
                users.add(party.user());
            }
            threads.put(party.statement().id(), threadOf(party.statement()));
        }
        Called then = new Called(
                target -> Objects.requireNonNull(named.get(target), "of a member"),
                statement -> Objects.requireNonNull(threads.get(statement.id()), "of a member"));
        return new Sight(then, users::contains, withKeys::contains, user);
    }

    /** What the thread of a statement is called; that is for everybody. */
    public String threadOf(StatementRecord statement) {
        return called.threads.apply(statement);
    }

    /** The statements of this user, and where his threads stand? */
    public boolean ofStatements(UserName otherUser) {
        return statements.test(otherUser);
    }

    /**
     * The key of the row, or the name of the advisory lock?
     *
     * @param owners users of locks on it, granted or asked for
     */
    public boolean ofKey(LockTarget target, UserName... owners) {
        return !user.isEmpty() && Arrays.asList(owners).contains(user) || keys.test(target);
    }

    /** The target's names, the key hidden if need be. */
    public Name name(LockTarget target, UserName... owners) {
        Name name = called.names.of(target);
        return name.key().isEmpty() || ofKey(target, owners) ? name : name.withoutKey();
    }

    /**
     * What a text calls the target, whatever kind it is: {@code PUBLIC.ACCOUNTS(ID=42)}, {@code name 'x'},
     * {@code system}.
     */
    public String place(LockTarget target, UserName... owners) {
        return switch (TargetKind.of(target)) {
            case SYSTEM -> "system";
            case DATABASE -> "database";
            case GLOBAL_PERMISSION -> "globalpermission$";
            case STATEMENT_SLOT -> "the statement slot of session " + ((LockTarget.StatementSlot) target).session();
            case TRANSACTION ->
                "transaction " + ((LockTarget.Transaction) target).id().transaction();
            case ADVISORY ->
                ofKey(target, owners)
                        ? "name '" + OneLine.of(((LockTarget.Name) target).name()) + "'"
                        : "name (hidden)";
            default -> name(target, owners).text();
        };
    }
}
