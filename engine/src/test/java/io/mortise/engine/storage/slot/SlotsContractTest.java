package io.mortise.engine.storage.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.MVStoreException;
import org.h2.mvstore.tx.Transaction;
import org.h2.mvstore.tx.TransactionMap;
import org.h2.mvstore.tx.TransactionStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the engine takes for granted about the slots that H2 has for transactions. */
final class SlotsContractTest {
    private final TransactionStore store = new TransactionStore(MVStore.open(null));

    @BeforeEach
    void init() {
        store.init();
    }

    @Test
    void theLowestFreeSlotIsTaken() {
        Transaction first = store.begin();
        Transaction second = store.begin();
        first.rollback();

        assertThat(store.begin().getId()).isEqualTo(first.getId());
        assertThat(second.getId()).isEqualTo(2);
    }

    @Test
    void oneTooManyFailsWithThisNumber() {
        Slots slots = new Slots(store);
        List<Transaction> all = new ArrayList<>();
        for (int i = 0; i < Slots.count(); i++) {
            assertThat(slots.areTaken()).isFalse();
            all.add(store.begin());
        }

        assertThat(slots.areTaken()).isTrue();
        assertThatThrownBy(store::begin)
                .isInstanceOf(MVStoreException.class)
                .satisfies(error -> assertThat(((MVStoreException) error).getErrorCode())
                        .isEqualTo(DataUtils.ERROR_TOO_MANY_OPEN_TRANSACTIONS))
                .satisfies(error -> assertThat(NoSlot.isBehind(error)).isTrue());
        all.get(7).commit();
        assertThat(slots.areTaken()).isFalse();
    }

    @Test
    void aPreparedTransactionOfAnotherStoreWritesNothing() {
        TransactionMap<String, String> map = store.begin().openMap("map");
        Transaction writer = map.getTransaction();
        map.put("there", "before");
        writer.commit();
        TransactionStore other = new TransactionStore(MVStore.open(null));
        other.init();
        Transaction looking = other.begin();
        looking.prepare();
        TransactionMap<String, String> seen = map.getInstance(looking);

        assertThatThrownBy(() -> seen.put("new", "value")).hasMessageContaining("not OPEN");
        assertThatThrownBy(() -> seen.remove("there")).hasMessageContaining("not OPEN");
        looking.rollback();

        TransactionMap<String, String> after = map.getInstance(store.begin());
        assertThat(after.get("there")).isEqualTo("before");
        assertThat(after.get("new")).isNull();
        assertThat(new Slots(store).holds(writer)).isTrue();
        assertThat(new Slots(store).holds(looking)).isFalse();
    }
}
