package io.mortise.engine.scene;

import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.DeadlockReport.Member;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.Blocker;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.text.UserName;
import io.mortise.engine.thread.EngineClock;
import io.mortise.engine.virtual.Reader;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * A small bank at noon: tables PUBLIC.ACCOUNTS (39) and PUBLIC.ORDERS (40), session 5 (SA) in transaction 209 and
 * session 7 (BOB) in transaction 214, each with a statement. The engine's clock stands at 100 s.
 */
public final class Scene {
    public static final long NOW = seconds(100);
    public static final Instant NOON = Instant.parse("2026-11-22T12:00:00Z");
    public static final EngineClock CLOCK = new EngineClock(() -> NOW, NOON);

    public static final LockTarget.Table ACCOUNTS = new LockTarget.Table(3, 39);
    public static final LockTarget.Table ORDERS = new LockTarget.Table(3, 40);
    public static final LockTarget.Row ROW_1 = new LockTarget.Row(ACCOUNTS, 1);
    public static final LockTarget.Row ROW_2 = new LockTarget.Row(ACCOUNTS, 2);
    public static final OwnerId FIVE = new OwnerId(5, 209);
    public static final OwnerId SEVEN = new OwnerId(7, 214);

    public static final StatementRecord SUM =
            statement(40, FIVE, "SA", "SELECT SUM(BALANCE) FROM ACCOUNTS", "report-1");
    public static final StatementRecord CREDIT =
            statement(41, FIVE, "SA", "UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1", "report-1");
    public static final StatementRecord DEBIT =
            statement(42, SEVEN, "BOB", "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2", "http-12");

    /** Rows are called by their key, {@code ID=1}, and hashed to ten times it. */
    public static final TargetNames NAMES = Scene::name;

    /** May read every table, but only the statements of BOB. */
    public static final Reader BOB = new Reader(7, new UserName("BOB"), false, 1, table -> OptionalLong.of(0));

    /** May read no table, and has no locks. */
    public static final Reader EVE = new Reader(8, new UserName("EVE"), false, 1, table -> OptionalLong.empty());

    private Scene() {}

    public static long seconds(long seconds) {
        return TimeUnit.SECONDS.toNanos(seconds);
    }

    /** A statement that began five seconds ago. */
    public static StatementRecord statement(long id, OwnerId owner, String user, String sql, String thread) {
        return new StatementRecord(
                id, owner.session(), new UserName(user), "", sql, NOW - seconds(5), new Thread(thread));
    }

    /** Granted four seconds ago, a second after it was asked for. */
    public static LockRow granted(OwnerId owner, LockTarget target, LockMode mode, StatementRecord statement) {
        return new LockRow(
                owner, target, mode, true, NOW - seconds(5), NOW - seconds(4), statement, false, List.of(), 0);
    }

    /** Asked for three seconds ago. */
    public static LockRow pending(
            OwnerId owner, LockTarget target, LockMode mode, StatementRecord statement, Blocker... blockers) {
        return new LockRow(owner, target, mode, false, NOW - seconds(3), 0, statement, false, List.of(blockers), 2);
    }

    /** Since which statement is not known. */
    public static Blocker holds(OwnerId owner, LockMode mode) {
        return holds(owner, mode, StatementRecord.NONE);
    }

    public static Blocker holds(OwnerId owner, LockMode mode, StatementRecord takenBy) {
        return new Blocker(owner, EdgeKind.HOLDS, mode, takenBy);
    }

    /** Runs its statement, in a transaction twenty seconds old that has changed one row. */
    public static Party running(OwnerId owner, StatementRecord statement) {
        return new Party(
                owner,
                statement.user(),
                statement,
                -1,
                NOW - seconds(20),
                0,
                1,
                List.of(),
                Party.Standing.of(Party.Doing.RUNNING));
    }

    /** The transfers that cross: 7 closes the cycle and gives way, because 5 is older. */
    public static DeadlockReport crossedTransfers() {
        Party five = running(FIVE, CREDIT);
        Party seven = new Party(
                SEVEN,
                new UserName("BOB"),
                DEBIT,
                -1,
                NOW - seconds(10),
                0,
                1,
                List.of(),
                Party.Standing.of(Party.Doing.RUNNING));
        LockRow fiveWaits = new LockRow(
                FIVE,
                ROW_1,
                LockMode.X,
                false,
                NOW - seconds(2),
                0,
                CREDIT,
                false,
                List.of(holds(SEVEN, LockMode.X)),
                0);
        LockRow sevenWaits =
                new LockRow(SEVEN, ROW_2, LockMode.X, false, NOW, 0, DEBIT, false, List.of(holds(FIVE, LockMode.X)), 0);
        return new DeadlockReport(
                1,
                NOW,
                List.of(new Member(seven, sevenWaits, EdgeKind.HOLDS), new Member(five, fiveWaits, EdgeKind.HOLDS)),
                SEVEN);
    }

    private static TargetNames.Name name(LockTarget target) {
        if (target instanceof LockTarget.Row row) {
            TargetNames.Name table = name(row.table());
            return new TargetNames.Name(
                    table.schema(), table.table(), table.tableId(), "ID=" + row.key(), (int) row.key() * 10);
        }
        if (target instanceof LockTarget.Table table) {
            String text = table.equals(ACCOUNTS) ? "ACCOUNTS" : "ORDERS";
            return new TargetNames.Name("PUBLIC", text, table.id(), "", TargetNames.Name.NO_ROW);
        }
        if (target instanceof LockTarget.Facet facet) {
            return name(facet.table());
        }
        String schema = target instanceof LockTarget.Schema ? "PUBLIC" : "";
        String key = target instanceof LockTarget.Name advisory ? advisory.name() : "";
        return new TargetNames.Name(schema, "", 0, key, TargetNames.Name.NO_ROW);
    }
}
