package io.mortise.engine.storage.serial;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.storage.Scene;
import io.mortise.engine.storage.h2.StoreReflection;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.engine.Database;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.db.MVPrimaryIndex;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.mvstore.tx.TransactionStore;
import org.h2.mvstore.type.StringDataType;
import org.h2.result.SearchRow;
import org.h2.value.VersionedValue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the engine takes for granted about H2 where it takes the snapshot of a serializable transaction itself, one fact
 * a test.
 */
@Timeout(60)
final class StoreSnapshotContractTest {
    private static final TransactionStore.RollbackListener NOTHING = (map, key, existing, restored) -> {};

    private final Scene scene = Scene.at("jdbc:h2:mem:" + UUID.randomUUID());
    private Scene.Actor actor;
    private Connection connection;
    private SessionLocal h2;
    private Database database;

    @BeforeEach
    void aTable() throws SQLException {
        actor = scene.actor();
        connection = actor.connection;
        h2 = actor.session.h2();
        database = h2.getDatabase();
        actor.runsHere("CREATE TABLE T(ID BIGINT PRIMARY KEY, V VARCHAR(9))");
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    /** A store without a database, in which something can be done while a transaction commits. */
    private static final class Store {
        private final TransactionStore store = new TransactionStore(MVStore.open(null));
        private Runnable whileItCommits = () -> {};

        Store() {
            store.init();
        }

        /** H2 looks for the key of each row whose commit it writes. */
        private final class Keys extends StringDataType {
            @Override
            public int binarySearch(String key, Object storage, int size, int guess) {
                whileItCommits.run();
                return super.binarySearch(key, storage, size, guess);
            }
        }

        TransactionMap<String, String> map(Transaction transaction) {
            return transaction.openMap("map", new Keys(), StringDataType.INSTANCE);
        }

        Transaction begin(IsolationLevel level) {
            return store.begin(NOTHING, 0, 0, level);
        }

        boolean isCommitting(Transaction transaction) {
            long[] bits = StoreSnapshot.of(store, AllMaps.UNKNOWN).committing();
            int id = transaction.getId();
            return id / Long.SIZE < bits.length && (bits[id / Long.SIZE] >> id % Long.SIZE & 1) == 1;
        }
    }

    @Test
    void whoCommitsIsSaidToWhileItsRowsAreCommitted() {
        Store of = new Store();
        Transaction writer = of.begin(IsolationLevel.READ_COMMITTED);
        of.map(writer).put("1", "one");
        of.map(writer).put("2", "two");
        List<Boolean> seen = new ArrayList<>();
        boolean before = of.isCommitting(writer);

        of.whileItCommits = () -> seen.add(of.isCommitting(writer));
        writer.commit();

        assertThat(before).isFalse();
        assertThat(seen).isNotEmpty().containsOnly(true);
        assertThat(of.isCommitting(writer)).isFalse();
    }

    @Test
    void theSetOfThoseWhoCommitIsAnotherObjectAfterEachChange() throws Exception {
        Store of = new Store();
        var field = TransactionStore.class.getDeclaredField("committingTransactions");
        field.setAccessible(true);
        AtomicReference<?> sets = (AtomicReference<?>) field.get(of.store);
        Transaction writer = of.begin(IsolationLevel.READ_COMMITTED);
        of.map(writer).put("1", "one");
        List<Object> seen = new ArrayList<>(List.of(sets.get()));

        of.whileItCommits = () -> seen.add(sets.get());
        writer.commit();

        assertThat(sets.get()).isNotSameAs(seen.get(0)).isNotSameAs(seen.get(1));
        assertThat(seen.get(1)).isNotSameAs(seen.get(0));
    }

    /** What a transaction asks its maps for. */
    private static final class Recorded extends HashMap<Integer, TransactionMap<?, ?>> {
        private static final long serialVersionUID = 1;
        private final transient List<String> asked = new ArrayList<>();

        @Override
        public @Nullable TransactionMap<?, ?> get(@Nullable Object number) {
            asked.add("get");
            return super.get(number);
        }

        @Override
        public @Nullable TransactionMap<?, ?> put(Integer number, TransactionMap<?, ?> map) {
            asked.add("put");
            return super.put(number, map);
        }

        @Override
        public boolean isEmpty() {
            asked.add("isEmpty");
            return super.isEmpty();
        }

        @Override
        public Collection<TransactionMap<?, ?>> values() {
            asked.add("values");
            return super.values();
        }

        @Override
        public void clear() {
            asked.add("clear");
            super.clear();
        }
    }

    @Test
    void aTransactionAsksItsMapsForEachThatItOpensAndClearsThemAtItsEnd() {
        Store of = new Store();
        Transaction transaction = of.begin(IsolationLevel.SERIALIZABLE);
        Recorded maps = new Recorded();
        StoreReflection.setMaps(transaction, maps);

        of.map(transaction);
        of.map(transaction);
        transaction.hasStatementDependencies();
        transaction.markStatementEnd();
        assertThat(maps.asked).containsExactly("get", "put", "get", "isEmpty", "values");

        transaction.commit();
        assertThat(maps.asked).endsWith("clear");
        assertThat(maps).hasSize(0);
    }

    @Test
    void aTransactionThatIsRolledBackClearsItsMapsToo() {
        Store of = new Store();
        Transaction transaction = of.begin(IsolationLevel.SERIALIZABLE);
        Recorded maps = new Recorded();
        StoreReflection.setMaps(transaction, maps);
        of.map(transaction).put("1", "one");

        transaction.rollback();

        assertThat(maps.asked).contains("clear");
        assertThat(maps).hasSize(0);
    }

    private TransactionStore store() {
        return database.getStore().getTransactionStore();
    }

    private AllMaps maps() {
        return AllMaps.of(database, database.getModificationMetaId());
    }

    @SuppressWarnings("unchecked")
    private static TransactionMap<Object, SearchRow> opened(Transaction reader, MVMap<?, ?> rows) {
        return (TransactionMap<Object, SearchRow>)
                (TransactionMap<?, ?>) reader.openMapX((MVMap<Object, VersionedValue<Object>>) (MVMap<?, ?>) rows);
    }

    private MVMap<Long, VersionedValue<SearchRow>> rows() {
        MVTable table = (MVTable) database.getMainSchema().findTableOrView(h2, "T");
        return ((MVPrimaryIndex) table.getScanIndex(null)).getMVMap();
    }

    private static String value(@Nullable SearchRow row) {
        return row == null ? "nothing" : row.getValue(1).getString();
    }

    @Test
    void aMapShowsTheSnapshotThatItWasGiven() throws SQLException {
        actor.runsHere("INSERT INTO T VALUES (1, 'old')");
        StoreSnapshot snapshot = StoreSnapshot.of(store(), maps());
        actor.runsHere("UPDATE T SET V = 'new'");
        Transaction reader = store().begin(NOTHING, 0, 0, IsolationLevel.SERIALIZABLE);
        TransactionMap<Object, SearchRow> map = opened(reader, rows());
        String without = value(map.getFromSnapshot(1L));

        snapshot.show(rows().getId(), map);

        assertThat(without).isEqualTo("new");
        assertThat(value(map.getFromSnapshot(1L))).isEqualTo("old");
        reader.markStatementEnd();
        assertThat(value(map.getFromSnapshot(1L))).as("in its next statement").isEqualTo("old");
        reader.rollback();
    }

    @Test
    void aStatementDoesNotSeeWhatItHasDoneItselfAndTheNextOneDoes() throws SQLException {
        actor.runsHere("INSERT INTO T VALUES (1, 'old')");
        StoreSnapshot snapshot = StoreSnapshot.of(store(), maps());
        Transaction writer = store().begin(NOTHING, 0, 0, IsolationLevel.SERIALIZABLE);
        TransactionMap<Object, SearchRow> map = opened(writer, rows());
        snapshot.show(rows().getId(), map);
        StoreSnapshot.showToStatement(map);

        map.remove(1L);

        assertThat(value(map.getFromSnapshot(1L))).isEqualTo("old");
        writer.markStatementEnd();
        assertThat(value(map.getFromSnapshot(1L))).isEqualTo("nothing");
        writer.rollback();
    }
}
