package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.text.UserName;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What others see of the locks that only their session knows. */
class PlacesTest {
    private static final LockTarget.Table ACCOUNTS = new LockTarget.Table(1, 39);
    private static final LockTarget.Table ENTRIES = new LockTarget.Table(1, 40);

    private final Parties parties = new Parties();
    private final FastPath fastPath = new FastPath(parties);
    private final LockOwner owner = new LockOwner(1, new UserName("SA"));

    private static StatementRecord statement(long id) {
        return new StatementRecord(id, 1, new UserName("SA"), "", "statement " + id, id, Thread.currentThread());
    }

    private boolean take(LockTarget.Table table) {
        return owner.slots().take(fastPath.gate(table), LockMode.IX, fastPath);
    }

    @Test
    void aLockIsShownWithTheStatementThatTookItWhenAnotherRuns() {
        owner.begin(7, 0);
        owner.starts(statement(1));
        assertThat(take(ACCOUNTS)).isTrue();
        owner.starts(statement(2)); // A trigger's, inside the first.
        assertThat(take(ENTRIES)).isTrue();
        owner.starts(statement(1));
        owner.starts(statement(3));

        assertThat(owner.slots().taken())
                .extracting(lock -> lock.target() + " " + lock.statement().sql())
                .containsExactly(ACCOUNTS + " statement 1", ENTRIES + " statement 2");
    }

    @Test
    void thePlacesOfATransactionServeTheNext() {
        owner.begin(7, 0);
        owner.starts(statement(1));
        assertThat(take(ACCOUNTS)).isTrue();
        owner.starts(statement(2));
        owner.end();
        assertThat(owner.slots().taken()).isEmpty();

        owner.begin(8, 0);
        owner.starts(statement(3));
        assertThat(take(ACCOUNTS)).isTrue();
        owner.starts(statement(4));

        assertThat(owner.slots().taken()).singleElement().satisfies(lock -> {
            assertThat(lock.owner()).isEqualTo(new OwnerId(1, 8));
            assertThat(lock.statement().id()).isEqualTo(3);
        });
    }

    @Test
    void whoHasReadAPlaceEmptiesOnlyWhatItHasRead() {
        Places places = new Places(1, () -> statement(1));
        long first = places.fill(ACCOUNTS, LockMode.IX, 7, statement(1));
        assertThat(places.end()).isTrue();
        long second = places.fill(ACCOUNTS, LockMode.IX, 8, statement(1));

        assertThat(places.empty(0, first)).isFalse();
        assertThat(places.isAnyFull()).isTrue();
        assertThat(places.empty(0, second)).isTrue();
        assertThat(places.empty(0, second)).isFalse();
        assertThat(places.end()).as("one was emptied by another").isFalse();
    }

    @Test
    void whatIsGivenBackInTheMiddleLeavesTheOthers() {
        Places places = new Places(1, () -> statement(1));
        places.fill(ACCOUNTS, LockMode.IX, 7, statement(1));
        places.fill(new LockTarget.RowKey(ACCOUNTS, 3), LockMode.S, 7, statement(1));
        places.fill(ENTRIES, LockMode.IX, 7, statement(1));

        assertThat(places.keys()).isEqualTo(1);
        assertThat(places.giveBack(new LockTarget.RowKey(ACCOUNTS, 3))).isTrue();
        assertThat(places.keys()).isZero();
        assertThat(places.covers(ACCOUNTS, LockMode.IS)).isTrue();
        assertThat(places.covers(ENTRIES, LockMode.IX)).isTrue();
        assertThat(places.covers(ENTRIES, LockMode.S)).isFalse();
        assertThat(places.read(1)).isNull();
    }

    /** The place is about the next transaction when the reader has seen a half of the last one's lock. */
    @Test
    void whoSeesAPlaceChangeLooksAgain() {
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        Places places = new Places(1, () -> {
            meanwhile.getAndSet(() -> {}).run();
            return statement(1);
        });
        places.fill(ACCOUNTS, LockMode.IS, 7, statement(1));
        meanwhile.set(() -> {
            places.end();
            places.fill(ENTRIES, LockMode.IX, 8, statement(1));
        });

        assertThat(places.read(0)).satisfies(lock -> {
            assertThat(lock.owner()).isEqualTo(new OwnerId(1, 8));
            assertThat(lock.target()).isEqualTo(ENTRIES);
            assertThat(lock.mode()).isEqualTo(LockMode.IX);
        });
        meanwhile.set(places::end);
        assertThat(places.read(0)).isNull();
    }

    /** The parts of a lock have one number here. A reader that mixes two would move a lock that nobody has. */
    @Test
    @Timeout(60)
    void whatIsReadWasFilledTogether() throws Exception {
        StatementRecord[] statements = new StatementRecord[2];
        statements[0] = statement(0);
        statements[1] = statement(1);
        Places places = new Places(1, () -> statements[0]);
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicLong seen = new AtomicLong();
        ExecutorService pool = Executors.newSingleThreadExecutor();
        Future<?> reader = pool.submit(() -> {
            while (!isOver.get()) {
                for (int i = 0; i < 3; i++) {
                    Places.Taken lock = places.read(i);
                    if (lock != null) {
                        long number = lock.owner().transaction();
                        assertThat(lock.target()).isEqualTo(new LockTarget.RowKey(ACCOUNTS, number));
                        assertThat(lock.mode()).isEqualTo(number % 2 == 0 ? LockMode.S : LockMode.X);
                        seen.incrementAndGet();
                    }
                }
            }
        });
        for (long number = 0; number < 3_000_000 && !reader.isDone(); number++) {
            LockTarget.RowKey key = new LockTarget.RowKey(ACCOUNTS, number);
            places.fill(key, number % 2 == 0 ? LockMode.S : LockMode.X, number, statements[(int) (number % 2)]);
            if (number % 7 == 0) {
                places.giveBack(key);
            } else if (number % 3 == 0) {
                places.end();
            }
        }
        isOver.set(true);
        reader.get(SessionThread.NET_SECONDS, TimeUnit.SECONDS);
        pool.shutdown();
        assertThat(seen.get()).isPositive();
    }
}
