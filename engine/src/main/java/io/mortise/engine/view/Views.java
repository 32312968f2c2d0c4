package io.mortise.engine.view;

import io.mortise.engine.session.SessionRow;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.engine.virtual.VirtualTableFunction;
import java.util.List;

/** Every virtual table of an open database. Immutable. */
public final class Views {
    private final Sources sources;
    private final Moments moments;
    private final VirtualTable.Update<SessionRow> abort;

    /** @param abort what UPDATE … SET ABORT does to a session, and to whom it is allowed */
    public Views(Sources sources, VirtualTable.Update<SessionRow> abort) {
        this.sources = sources;
        this.moments = new Moments(sources);
        this.abort = abort;
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
                locks.locks(),
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
                ParameterView.of(sources),
                clickHouse.processes(),
                clickHouse.sessions());
    }

    public List<VirtualTableFunction<?>> tableFunctions() {
        SqreamViews sqream = new SqreamViews(sources, moments);
        return List.of(
                VirtualTableFunction.of(sqream.showLocks()),
                VirtualTableFunction.of(sqream.showConnections()),
                VirtualTableFunction.of(sqream.showServerStatus()));
    }
}
