package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.text.UserName;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The slow tick: there while somebody waits, whatever is thrown, and gone afterwards. */
@Timeout(60)
final class WaitTickerTest {
    private static final long AT_ONCE = 1;

    private final BlockingQueue<Waiter> looked = new LinkedBlockingQueue<>();
    private final Waiter waiter = waiter(1);
    private volatile List<Waiter> waiting = List.of(waiter);

    private static Waiter waiter(int session) {
        LockOwner owner = new LockOwner(session, new UserName("U"));
        LockRequest request = new LockRequest(
                owner.id(),
                new LockTarget.Name("n" + session),
                LockMode.X,
                StatementRecord.NONE,
                0,
                WaitRule.Place.IN_LINE);
        return new Waiter(request, WaitRule.noWait());
    }

    private Waiter nextLook() throws InterruptedException {
        return Optional.ofNullable(looked.poll(50, TimeUnit.SECONDS)).orElseThrow();
    }

    @Test
    void hasNoThreadUntilSomebodyWaits() {
        try (WaitTicker ticker = new WaitTicker(() -> waiting, looked::add)) {
            assertThat(ticker.hasThread()).isFalse();
        }
    }

    @Test
    void whereNoThreadCanBeMadeItSaysSoAndTheNextOneTriesAgain() throws Exception {
        waiting = List.of(waiter);
        try (WaitTicker ticker = new WaitTicker(() -> waiting, looked::add)) {
            Ambush.lay(Spot.THREAD_WANTED, Ambush::fail);

            assertThat(ticker.start()).isFalse();
            assertThat(ticker.hasThread()).isFalse();
            assertThat(ticker.start()).isTrue();
            assertThat(nextLook()).isSameAs(waiter);
        }
    }

    @Test
    void looksAgainAndAgainAfterEachErrorOfALook() throws Exception {
        Waiter poor = waiter(2);
        waiting = List.of(poor, waiter);
        try (WaitTicker ticker = new WaitTicker(() -> waiting, which -> {
            looked.add(which);
            if (which == poor) {
                throw new OutOfMemoryError("the test's own");
            }
        })) {
            assertThat(ticker.start()).isTrue();

            assertThat(List.of(nextLook(), nextLook(), nextLook(), nextLook()))
                    .containsExactly(poor, waiter, poor, waiter);
        }
    }

    @Test
    void goesOnWhenItCouldNotEvenTellWhoWaits() throws Exception {
        CountDownLatch failures = new CountDownLatch(3);
        try (WaitTicker ticker = new WaitTicker(
                () -> {
                    if (failures.getCount() > 0) {
                        failures.countDown();
                        throw new OutOfMemoryError("the test's own");
                    }
                    return waiting;
                },
                looked::add)) {
            assertThat(ticker.start()).isTrue();

            assertThat(nextLook()).isSameAs(waiter);
            assertThat(failures.getCount()).isZero();
        }
    }

    @Test
    void itsThreadEndsWhenNobodyWaitsAndBeginsAnewWithTheNext() throws Exception {
        try (WaitTicker ticker = new WaitTicker(() -> waiting, looked::add, AT_ONCE)) {
            assertThat(ticker.start()).isTrue();
            nextLook();
            waiting = List.of();
            while (ticker.hasThread()) {
                Thread.onSpinWait();
            }
            looked.clear();

            waiting = List.of(waiter);
            assertThat(ticker.start()).isTrue();

            assertThat(nextLook()).isSameAs(waiter);
        }
    }
}
