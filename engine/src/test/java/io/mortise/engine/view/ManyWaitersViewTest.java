package io.mortise.engine.view;

import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.granted;
import static io.mortise.engine.scene.Scene.holds;
import static io.mortise.engine.scene.Scene.pending;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.session.SessionRow.State;
import io.mortise.engine.virtual.VirtualTable;
import java.lang.management.ManagementFactory;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.RandomAccess;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Ten thousand sessions wait: what it costs to look. */
@Timeout(120)
final class ManyWaitersViewTest {
    private static final int MANY = 10_000;

    /** Looked at one by one, they would be fifty million. */
    private long edgesRead;

    @ParameterizedTest
    @ValueSource(strings = {"LOCKS", "SESSIONS", "BLOCKING_TREE", "IPE_ALLLOCKS", "IPE_CURSESSIONS"})
    void aTableCostsTheSameForEachWaiterOfOneRow(String table) throws Exception {
        Stage stage = new Stage().locks(oneQueue(MANY)).session(owner(0), State.IDLE_IN_TRANSACTION, DEBIT);
        for (int session = 1; session <= MANY; session++) {
            stage.session(owner(session), State.LOCK_WAIT, DEBIT);
        }

        long before = allocated();
        long rows = readAll(stage, table);

        assertThat(rows).isGreaterThanOrEqualTo(MANY);
        assertThat((allocated() - before) / MANY).as("bytes for each").isLessThan(10_000);
        assertThat(edgesRead / MANY).as("edges read for each").isLessThan(20);
    }

    @Test
    void whoWaitsForWhomShowsTheFirstOfThose() throws Exception {
        Stage stage = new Stage().locks(oneQueue(MANY));

        assertThat(readAll(stage, "LOCK_WAITS")).isBetween((long) MANY, 16L * MANY);
        assertThat(edgesRead / MANY).as("edges read for each").isLessThan(20);
        assertThat(stage.rows("SYS.LOCK_WAITS", Stage.ADMIN, "SESSION, BLOCKING_SESSION, EDGE_KIND").stream()
                        .filter(row -> row.startsWith(MANY + "|")))
                .hasSize(16)
                .startsWith(MANY + "|0|HOLDS", MANY + "|1|QUEUED_AHEAD");
    }

    @Test
    void ofFourHundredAllAreShown() throws Exception {
        assertThat(readAll(new Stage().locks(oneQueue(400)), "LOCK_WAITS")).isEqualTo(400 * 401 / 2);
    }

    @Test
    void whoeverBlocksThemAllIsSaidToBlockThemAll() throws Exception {
        Stage stage = new Stage()
                .locks(oneQueue(MANY))
                .session(owner(0), State.IDLE_IN_TRANSACTION, DEBIT)
                .session(owner(1), State.LOCK_WAIT, DEBIT)
                .session(owner(MANY), State.LOCK_WAIT, DEBIT);

        assertThat(stage.rows("SYS.SESSIONS", Stage.ADMIN, "SESSION, BLOCKING_COUNT"))
                .containsExactly("0|" + MANY, "1|" + (MANY - 1), MANY + "|0");
    }

    @Test
    void aChainOfThemIsATreeAndShowsItsEnds() throws Exception {
        Stage stage = new Stage().locks(chain());

        long before = allocated();
        List<String> rows =
                stage.rows("SYS.BLOCKING_TREE", Stage.ADMIN, "SESSION, ROOT_SESSION, DEPTH, BLOCKED_COUNT, PATH");

        assertThat((allocated() - before) / MANY).as("bytes for each").isLessThan(30_000);
        assertThat(rows).hasSize(MANY + 1);
        assertThat(rows.get(0)).isEqualTo("0|0|0|" + MANY + "|0");
        assertThat(rows.get(2)).isEqualTo("2|0|2|" + (MANY - 2) + "|0 > 1 > 2");
        assertThat(rows.get(99)).startsWith("99|0|99|9901|0 > 1 > ").doesNotContain("more");
        assertThat(rows.get(100)).contains(" > 49 > (1 more) > 51 > ");
        assertThat(rows.get(MANY))
                .startsWith("10000|0|10000|0|0 > 1 > ")
                .contains(" > 49 > (9901 more) > 9951 > ")
                .endsWith(" > 9999 > 10000");
    }

    private static <R> long readAll(VirtualTable<R> table) throws Exception {
        try (Stream<R> rows = table.rows(Stage.ADMIN)) {
            long cells = 0;
            long read = 0;
            for (Iterator<R> all = rows.iterator(); all.hasNext(); read++) {
                R row = all.next();
                for (VirtualTable.Column<R> column : table.columns()) {
                    cells += column.value().apply(row, Stage.ADMIN) == null ? 0 : 1;
                }
            }
            assertThat(cells).as("values of " + table.name()).isGreaterThanOrEqualTo(read);
            return read;
        }
    }

    private static long readAll(Stage stage, String name) throws Exception {
        VirtualTable<?> found = new Views(stage.sources(), (by, session, value) -> {})
                .tables().stream()
                        .filter(table -> table.name().equals(name))
                        .findFirst()
                        .orElseThrow();
        return readAll(found);
    }

    /** One holder, and everybody else behind one another, as a snapshot of the lock table shows it: on one list. */
    private LockRow[] oneQueue(int many) {
        List<LockRow> rows = new ArrayList<>(List.of(granted(owner(0), ROW_1, LockMode.X, DEBIT)));
        List<LockRow.Blocker> all = new ArrayList<>(List.of(holds(owner(0), LockMode.X)));
        for (int session = 1; session <= many; session++) {
            OwnerId owner = owner(session);
            rows.add(new LockRow(owner, ROW_1, LockMode.X, false, 0, 0, DEBIT, false, new Counted(all, session), 0));
            all.add(new LockRow.Blocker(owner, EdgeKind.QUEUED_AHEAD, LockMode.X, DEBIT));
        }
        return rows.toArray(LockRow[]::new);
    }

    private static LockRow[] chain() {
        List<LockRow> rows = new ArrayList<>();
        for (int session = 0; session <= MANY; session++) {
            rows.add(granted(owner(session), new LockTarget.Name("n" + session), LockMode.X, DEBIT));
            if (session > 0) {
                LockTarget wanted = new LockTarget.Name("n" + (session - 1));
                rows.add(pending(owner(session), wanted, LockMode.X, DEBIT, holds(owner(session - 1), LockMode.X)));
            }
        }
        return rows.toArray(LockRow[]::new);
    }

    private static OwnerId owner(int session) {
        return new OwnerId(session, session + 1);
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
    }

    /** The first few of a list; counts how many are looked at. */
    private final class Counted extends AbstractList<LockRow.Blocker> implements RandomAccess {
        private final List<LockRow.Blocker> all;
        private final int size;

        Counted(List<LockRow.Blocker> all, int size) {
            this.all = all;
            this.size = size;
        }

        @Override
        public LockRow.Blocker get(int index) {
            edgesRead++;
            return all.get(index);
        }

        @Override
        public int size() {
            return size;
        }
    }
}
