package io.mortise.engine.storage.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.text.UserName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The keys of parents that one transaction has locked are its own, few or many, and nobody's after it. */
final class KeptKeysTest {
    private static final LockTarget.Table TABLE = new LockTarget.Table(1, 39);

    private static LockTarget.RowKey key(long row) {
        return new LockTarget.RowKey(TABLE, row);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 1_000})
    void whatIsKeptIsKnownUntilTheTransactionEnds(int number) {
        try (LockManager locks = new LockManager(System::nanoTime)) {
            LockOwner owner = locks.register(1, new UserName("SA"));
            KeptKeys keys = new KeptKeys(owner);
            locks.begin(owner);
            for (int i = 0; i < number; i++) {
                keys.keep(key(i));
            }
            for (int i = 0; i < number; i++) {
                assertThat(keys.isKept(key(i))).isTrue();
            }
            assertThat(keys.isKept(key(number))).isFalse();

            locks.releaseAll(owner);

            assertThat(keys.isKept(key(0))).isFalse();
            locks.begin(owner);
            assertThat(keys.isKept(key(0))).isFalse();
            keys.keep(key(number));
            assertThat(keys.isKept(key(number))).isTrue();
            for (int i = 0; i < number; i++) {
                assertThat(keys.isKept(key(i))).isFalse();
            }
        }
    }

    @Test
    void thereIsNothingKeptBeforeTheFirst() {
        try (LockManager locks = new LockManager(System::nanoTime)) {
            LockOwner owner = locks.register(1, new UserName("SA"));

            assertThat(new KeptKeys(owner).isKept(key(0))).isFalse();
        }
    }
}
