package io.mortise.engine.view;

import io.mortise.engine.lock.LockRow;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.engine.virtual.VirtualTableFunction;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Every virtual table of an open database. Immutable. */
public final class Views {
    private final Sources sources;
    private final Moments moments;
    private final VirtualTable.Update<SessionRow> abort;
    private final List<LockColumn> ofLocks;

    /** A column of SYS.LOCKS, for what only a server behind the engine tells of a lock; empty is NULL. Immutable. */
    public record LockColumn(String name, String about, Function<LockRow, Optional<String>> value) {}

    /** @param abort what UPDATE … SET ABORT does to a session, and to whom it is allowed */
    public Views(Sources sources, VirtualTable.Update<SessionRow> abort) {
        this(sources, abort, List.of());
    }

    /** @param ofLocks the last columns of SYS.LOCKS */
    public Views(Sources sources, VirtualTable.Update<SessionRow> abort, List<LockColumn> ofLocks) {
        this.sources = sources;
        this.moments = new Moments(sources);
        this.abort = abort;
        this.ofLocks = List.copyOf(ofLocks);
    }

    public List<VirtualTable<?>> tables() {
        LockViews locks = new LockViews(moments);
        WaitViews waits = new WaitViews(moments);
        SessionViews sessions = new SessionViews(sources, moments, abort);
        TransactionViews transactions = new TransactionViews(sources, moments);
        DeadlockViews deadlocks = new DeadlockViews(sources);
        ContentionViews contention = new ContentionViews(sources);
        ClickHouseViews clickHouse = new ClickHouseViews(sources, moments);
        return List.of(
                locks.allLocks(),
                locks.locks(ofLocks),
                locks.locksReport(),
                waits.lockWaits(),
                WaitHistoryView.of(sources),
                waits.blockingLocksReport(),
                BlockingTree.view(moments),
                sessions.curSessions(),
                sessions.sessions(),
                transactions.ipeTransaction(),
                transactions.transactions(),
                transactions.ipeCommand(),
                transactions.statements(),
                transactions.errorLog(),
                transactions.errors(),
                deadlocks.deadlocks(),
                deadlocks.shapes(),
                FailureViews.of(sources),
                contention.lockStats(),
                contention.lockOrder(),
                parameters(),
                clickHouse.processes(),
                clickHouse.sessions());
    }

    /** SYS.PARAMETERS: every setting, and its value for the reader's session. */
    private VirtualTable<Setting<?>> parameters() {
        return new VirtualTable<Setting<?>>(
                        "SYS",
                        "PARAMETERS",
                        "Settings; SET PARAMETER name = value changes one",
                        reader -> Setting.all().stream())
                .column(
                        "PARAMETER",
                        "VARCHAR",
                        "name of the setting",
                        setting -> setting.name().toLowerCase(Locale.ROOT))
                .columnFor(
                        "SETTING",
                        "VARCHAR",
                        "its value here and now",
                        (setting, reader) -> Cells.text(sources.settings().apply(reader, setting)))
                .column(
                        "DEFAULT_SETTING",
                        "VARCHAR",
                        "its value unless it is set",
                        setting -> Cells.text(setting.defaultText()))
                .column("UNIT", "VARCHAR", "unit", setting -> Cells.text(setting.unit()))
                .column(
                        "SCOPE",
                        "VARCHAR",
                        "DATABASE: for every connection; SESSION: for one session",
                        setting -> setting.scope().name())
                .column("DESCRIPTION", "VARCHAR", "what it is", Setting::description);
    }

    public List<VirtualTableFunction<?>> tableFunctions() {
        SqreamViews sqream = new SqreamViews(sources, moments);
        return List.of(
                VirtualTableFunction.of(sqream.showLocks()),
                VirtualTableFunction.of(sqream.showConnections()),
                VirtualTableFunction.of(sqream.showServerStatus()));
    }
}
