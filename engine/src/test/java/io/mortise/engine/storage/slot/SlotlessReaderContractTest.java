package io.mortise.engine.storage.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.mvstore.type.LongDataType;
import org.h2.mvstore.type.StringDataType;
import org.h2.value.VersionedValue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the engine takes for granted about H2 where a transaction reads without a slot, one fact a test. */
@Timeout(60)
final class SlotlessReaderContractTest {
    @TempDir
    Path directory;

    private Connection connection;
    private SessionLocal session;
    private MVStore file;
    private TransactionStore store;
    private TransactionMap<Long, String> map;
    private SlotlessReader reader;

    @BeforeEach
    void aDatabaseInAFile() throws SQLException {
        connection = DriverManager.getConnection("jdbc:h2:" + directory.resolve("d"), "sa", "");
        session = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
        file = session.getDatabase().getStore().getMvStore();
        store = session.getDatabase().getStore().getTransactionStore();
        map = store.begin().openMap("numbers", LongDataType.INSTANCE, StringDataType.INSTANCE);
        map.put(1L, "before");
        map.getTransaction().commit();
        reader = new SlotlessReader(session);
    }

    @AfterEach
    void close() throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("SHUTDOWN IMMEDIATELY");
        }
    }

    @SuppressWarnings("unchecked")
    private MVMap<Long, VersionedValue<String>> stored() {
        return (MVMap<Long, VersionedValue<String>>) (MVMap<?, ?>) file.openMap("numbers");
    }

    private String read(Transaction by) {
        return by.openMapX(stored()).getFromSnapshot(1L);
    }

    private TransactionMap<Long, String> begun() {
        return map.getInstance(store.begin());
    }

    private Map<String, String> figures() {
        Map<String, String> figures = new HashMap<>();
        file.populateInfo(figures::put);
        return figures;
    }

    @Test
    void itReadsWhatIsCommittedAndNothingElse() {
        TransactionMap<Long, String> first = begun();
        Transaction reading = reader.begin();
        first.put(1L, "after");
        assertThat(read(reading)).isEqualTo("before");

        first.getTransaction().commit();
        reading.markStatementEnd();
        assertThat(read(reading)).isEqualTo("after");
    }

    @Test
    void itSeesNoRowThatAnyWriterHasNotCommitted() {
        for (int i = 0; i < Slots.count() - 1; i++) {
            TransactionMap<Long, String> writer = begun();
            writer.put(1L, "of slot " + writer.getTransaction().getId());
            Transaction reading = reader.begin();
            assertThat(read(reading)).isEqualTo("before");
            reader.ends();
            reader.leave();
            writer.getTransaction().rollback();
            store.begin(); // The next writer gets another slot.
        }
    }

    @Test
    void itIsToldWhoIsCommitting() throws ReflectiveOperationException {
        var committing = TransactionStore.class.getDeclaredField("committingTransactions");
        var ofTransaction = Transaction.class.getDeclaredField("store");
        committing.setAccessible(true);
        ofTransaction.setAccessible(true);

        assertThat(committing.get(ofTransaction.get(reader.begin()))).isSameAs(committing.get(store));
    }

    @Test
    void noTransactionThatWritesHasItsNumber() {
        assertThat(store.begin().getId()).isGreaterThan(SlotlessReader.NUMBER);
        assertThat(reader.begin().getId()).isEqualTo(SlotlessReader.NUMBER);
    }

    @Test
    void noSlotIsTakenOrGivenBack() {
        long before = store.begin().getSequenceNum();
        for (int i = 0; i < 10; i++) {
            read(reader.begin());
            reader.ends();
            session.commit(false);
        }

        assertThat(store.begin().getSequenceNum()).isEqualTo(before + 1);
        assertThat(store.getOpenTransactions()).doesNotContain(reader.begin());
    }

    @Test
    void whatItMayReadIsKeptInTheFileUntilItsStatementEnds() {
        file.setVersionsToKeep(0);
        Transaction reading = reader.begin();
        reading.markStatementStart(new HashSet<>());
        String version = figures().get("info.CURRENT_VERSION");
        change(5);
        assertThat(figures()).containsEntry("info.OLDEST_VERS_TO_KEEP", version);

        reader.ends();
        reading.markStatementEnd();
        change(1);
        assertThat(Long.parseLong(figures().get("info.OLDEST_VERS_TO_KEEP"))).isGreaterThan(Long.parseLong(version));
    }

    private void change(int times) {
        for (int i = 0; i < times; i++) {
            TransactionMap<Long, String> writer = begun();
            writer.put(2L, "change " + i);
            writer.getTransaction().commit();
            file.commit();
        }
    }

    @Test
    void aCommitAfterItsEndDoesNothingToItAndItServesAgain() {
        Transaction first = reader.begin();
        reader.ends();
        session.commit(false);
        assertThat(reader.isIn()).isFalse();
        assertThat(first.getStatus()).isEqualTo(Transaction.STATUS_COMMITTED);

        assertThat(reader.begin()).isSameAs(first);
        assertThat(read(first)).isEqualTo("before");
    }

    @Test
    void itWritesNothing() {
        TransactionMap<Long, String> by = reader.begin().openMapX(stored());

        assertThatThrownBy(() -> by.put(1L, "written")).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> by.remove(1L)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> by.lock(1L)).isInstanceOf(NullPointerException.class);
        reader.leave();
        TransactionMap<Long, String> after = begun();
        assertThat(after.get(1L)).isEqualTo("before");
        after.put(1L, "by a writer");
        after.getTransaction().commit();
        assertThat(read(reader.begin())).isEqualTo("by a writer");
    }

    @Test
    void oneThatHasTriedToWriteDoesNotServeAgain() {
        Transaction first = reader.begin();
        assertThatThrownBy(() -> first.openMapX(stored()).put(1L, "written")).isInstanceOf(NullPointerException.class);
        reader.ends();

        assertThat(reader.isIn()).isFalse();
        assertThat(reader.begin()).isNotSameAs(first);
    }

    @Test
    void aRollBackByAnotherThreadTouchesNobodyElse() {
        Transaction first = reader.begin();
        Transaction other = store.begin();
        read(first);
        CompletableFuture.runAsync(session::rollback, step -> new Thread(step, "closes").start())
                .join();
        assertThat(reader.isIn()).isFalse();
        reader.ends();
        reader.leave();

        assertThat(store.getOpenTransactions()).contains(other);
        assertThat(store.isTransactionClosed(SlotlessReader.NUMBER)).isTrue();
        Transaction second = reader.begin();
        assertThat(second).isNotSameAs(first);
        assertThat(read(second)).isEqualTo("before");
    }

    @Test
    void whoTakesItAwayLeavesTheSessionToBeginAnother() {
        reader.begin();
        reader.leave();
        Transaction next = session.getTransaction();

        assertThat(next.getId()).isGreaterThan(SlotlessReader.NUMBER);
        assertThat(new Slots(store).holds(next)).isTrue();
        assertThat(reader.isIn()).isFalse();
    }

    @Test
    void anotherSessionsReaderIsAnother() throws SQLException {
        try (Connection second = DriverManager.getConnection("jdbc:h2:" + directory.resolve("d"), "sa", "")) {
            SessionLocal h2 = (SessionLocal) second.unwrap(JdbcConnection.class).getSession();
            SlotlessReader other = new SlotlessReader(h2);
            Set<Transaction> both = Set.of(reader.begin(), other.begin());
            h2.rollback();

            assertThat(both).hasSize(2);
            assertThat(reader.isIn()).isTrue();
            assertThat(reader.begin().getIsolationLevel()).isEqualTo(IsolationLevel.READ_COMMITTED);
        }
    }
}
