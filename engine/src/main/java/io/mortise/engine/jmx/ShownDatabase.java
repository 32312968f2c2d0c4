package io.mortise.engine.jmx;

import io.mortise.engine.meter.DatabaseMeters;
import io.mortise.engine.meter.Reading;
import io.mortise.engine.text.OneLine;
import io.mortise.engine.virtual.Catalog;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualFunction;
import io.mortise.engine.virtual.VirtualTable;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The bean over a database's tables and functions. Thread-safe. */
final class ShownDatabase implements DatabaseMXBean {
    private static final int MOST_ROWS = 1000;

    private final Catalog catalog;
    private final DatabaseMeters meters;
    private final BooleanSupplier showsKeys;

    /** @param showsKeys asked each time */
    ShownDatabase(Catalog catalog, DatabaseMeters meters, BooleanSupplier showsKeys) {
        this.catalog = catalog;
        this.meters = meters;
        this.showsKeys = showsKeys;
    }

    private Reader reader() {
        return showsKeys.getAsBoolean() ? Reader.outside() : Reader.outsideWithoutKeys();
    }

    @Override
    public List<String> getTables() {
        return catalog.tables().stream()
                .map(table -> table.schema() + "." + table.name())
                .sorted()
                .toList();
    }

    @Override
    public int getMostRows() {
        return MOST_ROWS;
    }

    @Override
    public Map<String, Long> getFigures() {
        Reading now = meters.read();
        Map<String, Long> figures = new LinkedHashMap<>();
        figures.put(
                "sessions", now.sessions().values().stream().mapToLong(n -> n).sum());
        figures.put("openTransactions", now.openTransactions());
        figures.put("oldestTransactionMillis", now.oldestTransactionMillis());
        figures.put("uncommittedRows", now.uncommittedRows());
        figures.put("waiting", now.waiting());
        figures.put("longestWaitMillis", now.longestWaitMillis());
        figures.put("waits", now.waits());
        figures.put("waitMillis", now.waitMillis());
        figures.put("timeouts", now.timeouts());
        figures.put("deadlocks", now.deadlocks());
        figures.put("refused", now.refused());
        figures.put("statements", now.statements());
        return figures;
    }

    @Override
    public String locks() {
        return show("SYS.LOCKS");
    }

    @Override
    public String waits() {
        return show("SYS.LOCK_WAITS");
    }

    @Override
    public String blockingTree() {
        return show("SYS.BLOCKING_TREE");
    }

    @Override
    public String sessions() {
        return show("SYS.SESSIONS");
    }

    @Override
    public String show(String table) {
        VirtualTable<?> found = catalog.tables().stream()
                .filter(each -> table.equalsIgnoreCase(each.name())
                        || table.equalsIgnoreCase(each.schema() + "." + each.name()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "There is no table " + table + ". The attribute Tables lists those that are there."));
        return told(() -> text(found, reader()));
    }

    private static <R> String text(VirtualTable<R> table, Reader reader) throws SQLException {
        List<VirtualTable.Column<R>> columns = table.columns();
        StringBuilder text = new StringBuilder(
                columns.stream().map(VirtualTable.Column::name).collect(Collectors.joining("\t", "", "\n")));
        try (Stream<R> all = table.rows(reader)) {
            List<R> rows = all.limit(MOST_ROWS + 1L).toList();
            rows.stream()
                    .limit(MOST_ROWS)
                    .map(row -> columns.stream()
                            .map(column -> cell(column.value().apply(row, reader)))
                            .collect(Collectors.joining("\t", "", "\n")))
                    .forEach(text::append);
            return text.append(rows.size() > MOST_ROWS ? "and more than these " + MOST_ROWS + " rows\n" : "")
                    .toString();
        }
    }

    private static String cell(@Nullable Object value) {
        Object plain = value instanceof Optional<?> maybe ? maybe.orElse(null) : value;
        return plain == null ? "" : OneLine.of(plain.toString());
    }

    @Override
    public void kill(int session, String how) {
        VirtualFunction kill = catalog.functions().stream()
                .filter(function -> function.name().equals("KILL_SESSION"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("every database has it"));
        told(() -> String.valueOf(kill.body().call(reader(), List.of(session, how))));
    }

    private interface Call {
        String answer() throws SQLException;
    }

    // A client on the other side knows the JDK's exceptions, and not ours.
    private static String told(Call call) {
        try {
            return call.answer();
        } catch (SQLException e) {
            throw new IllegalArgumentException(e.getMessage());
        }
    }
}
