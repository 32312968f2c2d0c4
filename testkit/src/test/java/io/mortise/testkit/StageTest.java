package io.mortise.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.WaitOutcome;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class StageTest {
    private static final Duration AT_ONCE = Duration.ZERO;
    private static final Duration NET = Duration.ofSeconds(30);

    private final FakeFacts facts = new FakeFacts();
    private final Stage stage = new Stage(facts);
    private ExecutorService executor = Executors.newSingleThreadExecutor();
    private Thread actor = Thread.currentThread();

    @BeforeEach
    void takeAThread() {
        actor = CompletableFuture.supplyAsync(Thread::currentThread, executor).join();
    }

    @AfterEach
    void endTheThread() {
        executor.shutdownNow();
    }

    @Test
    void nobodyOnStageIsStill() {
        assertThat(stage.awaitStill(AT_ONCE)).isTrue();
        assertThat(stage.isIdle(actor)).isTrue();
    }

    @Test
    void aThreadThatWasGivenSomethingIsNotStill() {
        stage.enter(actor);

        assertThat(stage.awaitStill(AT_ONCE)).isFalse();
        assertThat(stage.isIdle(actor)).isFalse();
    }

    @Test
    void aThreadThatHasDoneItIsStill() {
        stage.enter(actor);
        stage.leave(actor);

        assertThat(stage.awaitStill(AT_ONCE)).isTrue();
    }

    @Test
    void aThreadInAQueueIsStillAndWaits() {
        stage.enter(actor);
        LockRow row = facts.queue(1);
        onStage(() -> stage.waitStarted(row));

        assertThat(stage.awaitStill(AT_ONCE)).isTrue();
        assertThat(stage.waiting(actor)).contains(row);
        assertThat(stage.isIdle(actor)).isFalse();
    }

    @Test
    void aThreadThatWasGrantedItsLockIsNotStillThoughItHasNotWokenUpYet() {
        stage.enter(actor);
        LockRow row = facts.queue(1);
        onStage(() -> stage.waitStarted(row));
        facts.grant(1);

        assertThat(stage.awaitStill(AT_ONCE)).isFalse();
        assertThat(stage.waiting(actor)).isEmpty();
    }

    @Test
    void theTestWaitsUntilTheGrantedThreadHasFinished() {
        stage.enter(actor);
        LockRow row = facts.queue(1);
        onStage(() -> stage.waitStarted(row));
        facts.grant(1);
        executor.execute(() -> {
            stage.waitEnded(row, Duration.ZERO, new WaitOutcome.Acquired(0));
            stage.leave(actor);
        });

        assertThat(stage.awaitStill(NET)).isTrue();
        assertThat(stage.isIdle(actor)).isTrue();
    }

    @Test
    void aThreadThatWaitsForAnotherLockAfterTheFirstIsStillAgain() {
        stage.enter(actor);
        onStage(() -> {
            stage.waitStarted(facts.queue(1));
            stage.waitEnded(facts.queue(1), Duration.ZERO, new WaitOutcome.Acquired(0));
        });
        assertThat(stage.awaitStill(AT_ONCE)).isFalse();

        onStage(() -> stage.waitStarted(facts.queue(1)));

        assertThat(stage.awaitStill(AT_ONCE)).isTrue();
    }

    @Test
    void waitsOfThreadsThatAreNotOnStageAreIgnored() {
        onStage(() -> stage.waitStarted(facts.queue(1)));

        assertThat(stage.waiting(actor)).isEmpty();
        assertThat(stage.isIdle(actor)).isTrue();
    }

    @Test
    void aThreadThatNeverFinishesIsNotWaitedForLongerThanThePatience() {
        stage.enter(actor);

        assertThat(stage.awaitIdle(actor, Duration.ofMillis(1))).isFalse();
    }

    private void onStage(Runnable news) {
        CompletableFuture.runAsync(news, executor).join();
    }
}
