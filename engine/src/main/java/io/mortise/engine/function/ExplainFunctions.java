package io.mortise.engine.function;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.policy.Footprint;
import io.mortise.engine.policy.LockPolicy;
import io.mortise.engine.policy.Situation;
import io.mortise.engine.policy.StatementKind;
import io.mortise.engine.policy.TableAccess;
import io.mortise.engine.policy.WantedLock;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.storage.explain.Explanations;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.engine.virtual.VirtualTableFunction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** EXPLAIN of a table, and EXPLAIN LOCKS, as the functions that the statements call. Immutable. */
final class ExplainFunctions {
    private static final String SCHEMA = "SYS";
    /** In the place of a mode, as in SYS.LOCKS. */
    private static final String NOTE = "SIREAD";

    private final Storage storage;
    private final Callers callers;

    ExplainFunctions(Storage storage, Callers callers) {
        this.storage = storage;
        this.callers = callers;
    }

    /**
     * One lock that a statement would take, or a note of a read.
     *
     * @param mode empty for a note
     * @param level TAB, ROW or SYS
     * @param blocker whom the request would wait for first
     * @param waiting how many wait for the target already
     */
    private record Step(
            int number,
            String description,
            LockTarget target,
            Optional<LockMode> mode,
            String level,
            Optional<Integer> blocker,
            long waiting) {}

    List<VirtualTableFunction<?>> all() {
        return List.of(explainTable(), explainLocks());
    }

    private VirtualTableFunction<Explanations.Column> explainTable() {
        VirtualTable<Explanations.Column> table = new VirtualTable<Explanations.Column>(
                        SCHEMA, "EXPLAIN_TABLE", "EXPLAIN_TABLE('table'): its columns", reader -> Stream.empty())
                .column("COLUMN_NAME", "VARCHAR", "name of the column", Explanations.Column::name)
                .column("DATA_TYPE", "VARCHAR", "its type", Explanations.Column::type)
                .column("DESCRIPTION", "VARCHAR", "what it holds", Explanations.Column::description);
        return new VirtualTableFunction<>(
                table,
                1,
                1,
                callers.handedToTable(
                        (caller, arguments) -> caller.commands().columns(String.valueOf(arguments.get(0)))));
    }

    private VirtualTableFunction<Step> explainLocks() {
        VirtualTable<Step> table = new VirtualTable<Step>(
                        SCHEMA,
                        "EXPLAIN_LOCKS",
                        "EXPLAIN_LOCKS('statement'): the locks that it would take, if it ran now, and at SERIALIZABLE what it"
                                + " would note of its reads",
                        reader -> Stream.empty())
                .column("STEP", "INTEGER", "order in which they are taken", Step::number)
                .column("DESCRIPTION", "VARCHAR", "the lock in words", Step::description)
                .column(
                        "SCHEMA_NAME",
                        "VARCHAR",
                        "schema",
                        step -> named(storage.targetNames().of(step.target()).schema()))
                .column(
                        "TABLE_NAME",
                        "VARCHAR",
                        "table",
                        step -> named(storage.targetNames().of(step.target()).table()))
                .column(
                        "LOCK_TYPE",
                        "VARCHAR",
                        "SH or EX",
                        step -> step.mode().map(mode -> mode.isShared() ? "SH" : "EX"))
                .column("LOCK_LEVEL", "VARCHAR", "TAB, ROW or SYS", Step::level)
                .column(
                        "MODE",
                        "VARCHAR",
                        "IS, IX, S, SIX or X; SIREAD: a note of a read, which locks nothing",
                        step -> step.mode().map(LockMode::name).orElse(NOTE))
                .column(
                        "WOULD_WAIT",
                        "BOOLEAN",
                        "would it wait, as of now",
                        step -> step.blocker().isPresent())
                .column("BLOCKING_SESSION", "INTEGER", "the first session that it would wait for", Step::blocker)
                .column("QUEUED_BEHIND", "BIGINT", "how many wait there already", Step::waiting);
        return new VirtualTableFunction<>(table, 1, Integer.MAX_VALUE, callers.handedToTable(this::steps));
    }

    private static Optional<String> named(String name) {
        return Optional.of(name).filter(text -> !text.isEmpty());
    }

    private List<Step> steps(Caller caller, List<@Nullable Object> arguments) throws SQLException {
        Explanations.Statement statement =
                caller.commands().explain(String.valueOf(arguments.get(0)), arguments.subList(1, arguments.size()));
        Situation situation = caller.commands().situationOf(statement.kind());
        LockPolicy policy = storage.policy();
        List<LockRow> known = storage.locks().snapshot().rows();
        List<Step> steps = new ArrayList<>();
        for (WantedLock request : policy.requests(situation, statement.footprint())) {
            steps.add(step(steps.size() + 1, request, caller, known));
        }
        for (Footprint.Use use : statement.footprint().tables()) {
            Optional<Explanations.Row> row =
                    statement.row().filter(one -> one.table().equals(use.table()));
            policy.rowLock(situation, use.access()).ifPresent(mode -> {
                Explanations.InTheWay inTheWay = statement.rows().of(use, mode, others(caller, known));
                steps.add(new Step(
                        steps.size() + 1,
                        describe(statement.kind(), use, mode, row),
                        use.table(),
                        Optional.of(mode),
                        "ROW",
                        inTheWay.holder().map(owner -> Math.abs(owner.session())),
                        inTheWay.waiting()));
            });
        }
        for (Explanations.ReadNote note : statement.notes()) {
            String read = note.range().map(range -> "the range of " + range).orElse("all rows");
            String level = note.range().isPresent() ? "ROW" : "TAB";
            String description = "note of a read of " + read + " in " + describe(note.table());
            steps.add(new Step(
                    steps.size() + 1, description, note.table(), Optional.empty(), level, Optional.empty(), 0));
        }
        return steps;
    }

    private Step step(int number, WantedLock request, Caller caller, List<LockRow> known) {
        List<LockRow> others = others(caller, known).stream()
                .filter(lock -> lock.target().equals(request.target()))
                .toList();
        Optional<LockRow> own = known.stream()
                .filter(lock -> lock.granted()
                        && lock.owner().session() == caller.session().id()
                        && lock.target().equals(request.target()))
                .findFirst();
        Optional<Integer> blocker =
                own.filter(lock -> lock.mode().covers(request.mode())).isPresent()
                        ? Optional.empty()
                        : blocker(
                                request.mode(),
                                others.stream()
                                        .filter(lock -> own.isEmpty()
                                                || lock.granted()) // who has one already stands before newcomers
                                        .toList());
        String level = request.target() instanceof LockTarget.Table || request.target() instanceof LockTarget.Facet
                ? "TAB"
                : "SYS";
        return new Step(
                number,
                words(request.mode()) + " on " + describe(request.target()),
                request.target(),
                Optional.of(request.mode()),
                level,
                blocker,
                waiting(others));
    }

    private static List<LockRow> others(Caller caller, List<LockRow> known) {
        return known.stream()
                .filter(lock -> lock.owner().session() != caller.session().id())
                .toList();
    }

    private static Optional<Integer> blocker(LockMode mode, List<LockRow> others) {
        return others.stream()
                .filter(lock -> !mode.compatibleWith(lock.mode()))
                .sorted((one, other) -> Boolean.compare(other.granted(), one.granted()))
                .map(lock -> Math.abs(lock.owner().session()))
                .findFirst();
    }

    private static long waiting(List<LockRow> others) {
        return others.stream().filter(lock -> !lock.granted()).count();
    }

    private String describe(StatementKind kind, Footprint.Use use, LockMode mode, Optional<Explanations.Row> row) {
        var table = storage.targetNames().of(use.table());
        boolean isOfKeys = kind == StatementKind.SELECT_FOR_KEY_SHARE;
        if (row.isPresent()) {
            return words(mode) + (isOfKeys ? " on the keys of" : " on") + " row " + table.schema() + "." + table.table()
                    + "(" + row.get().key() + ")";
        } else if (use.access() == TableAccess.REFERENCE) {
            return "shared locks on the keys it refers to in " + describe(use.table());
        }
        return (mode == LockMode.X
                        ? "exclusive locks on the rows it changes in "
                        : isOfKeys
                                ? "shared locks on the keys of the rows it reads in "
                                : "shared locks on the rows it reads in ")
                + describe(use.table());
    }

    private static String words(LockMode mode) {
        return switch (mode) {
            case IS -> "announcement of shared locks below";
            case IX -> "announcement of exclusive locks below";
            case S -> "1 shared lock";
            case SIX -> "1 shared lock, and announcement of exclusive locks below,";
            case X -> "1 exclusive lock";
        };
    }

    private String describe(LockTarget target) {
        var name = storage.targetNames().of(target);
        if (target instanceof LockTarget.Table table) {
            return "table " + name.schema() + "." + name.table() + "(" + table.id() + ")";
        } else if (target instanceof LockTarget.Facet facet) {
            return "the " + facet.half() + " half of table " + name.schema() + "." + name.table() + "("
                    + facet.table().id() + ")";
        } else if (target instanceof LockTarget.Schema) {
            return "schema " + name.schema();
        } else if (target instanceof LockTarget.Database) {
            return "the database";
        } else if (target instanceof LockTarget.System) {
            return "the system";
        } else {
            return "the right to change the catalogue";
        }
    }
}
