package io.mortise.engine.storage.closing;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockManager;
import org.junit.jupiter.api.Test;

final class ClosingTest {
    private final Closing closing = new Closing(new LockManager(System::nanoTime));

    /** Else a statement that it runs later, and that another closes before its commit, would be acknowledged. */
    @Test
    void aThreadWhoseShutdownHasFailedIsLikeAnyOther() {
        closing.shutdownBegins();
        closing.shutdownOver();

        assertThat(closing.isShutDownHere()).isFalse();
        assertThat(closing.isShuttingDown()).isFalse();
    }

    @Test
    void aThreadWhoseShutdownHasSucceededIsKnown() {
        closing.shutdownBegins();
        closing.begin(Runnable::run);
        closing.shutdownOver();

        assertThat(closing.isShutDownHere()).isTrue();
    }
}
