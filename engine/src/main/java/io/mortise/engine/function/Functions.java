package io.mortise.engine.function;

import io.mortise.engine.session.SessionRow;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.virtual.VirtualFunction;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.engine.virtual.VirtualTableFunction;
import java.util.ArrayList;
import java.util.List;

/** All functions of one open database. Immutable. */
public final class Functions {
    private final AbortColumn abort;
    private final List<VirtualFunction> all = new ArrayList<>();
    private final List<VirtualTableFunction<?>> tables;

    public Functions(Storage storage, Sessions sessions, SettingFunctions settings) {
        Callers callers = new Callers(storage);
        this.abort = new AbortColumn(storage);
        all.addAll(new StopFunctions(storage, sessions, callers).all());
        all.add(new KillQuery(storage, sessions, callers).function());
        all.add(new KillSession(sessions, abort).function());
        all.addAll(new LockFunctions(sessions, callers).all());
        all.addAll(settings.all());
        this.tables = new ExplainFunctions(storage, callers).all();
    }

    /** Those that return a value. */
    public List<VirtualFunction> all() {
        return List.copyOf(all);
    }

    /** Those that return a table. */
    public List<VirtualTableFunction<?>> tables() {
        return tables;
    }

    /** What UPDATE IPE_CURSESSIONS SET ABORT does. */
    public VirtualTable.Update<SessionRow> abort() {
        return abort;
    }
}
