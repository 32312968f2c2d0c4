package io.mortise.engine.storage.closing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whatever one part of a database throws when it is closed, the others are closed all the same. */
final class CloseActionsTest {
    private final CloseActions actions = new CloseActions();
    private final List<String> closed = new ArrayList<>();

    private Runnable closing(String name) {
        return () -> closed.add(name);
    }

    private Runnable failing(String name) {
        return () -> {
            closed.add(name);
            throw new OutOfMemoryError("as if there were none");
        };
    }

    private void addAll() {
        actions.addPrompt(closing("prompt 1"));
        actions.addPrompt(failing("prompt 2"));
        actions.addPrompt(closing("prompt 3"));
        actions.addSlow(closing("slow 1"));
        actions.addSlow(failing("slow 2"));
        actions.addSlow(closing("slow 3"));
    }

    @Test
    void oneThatThrowsSkipsNoOther() {
        addAll();

        actions.close(Runnable::run);

        assertThat(closed).containsExactly("prompt 3", "prompt 2", "prompt 1", "slow 3", "slow 2", "slow 1");
    }

    @Test
    void whereThereIsNoThreadForTheSlowOnesTheCloseGoesOn() {
        addAll();

        actions.close(task -> {
            throw new OutOfMemoryError("unable to create native thread");
        });

        assertThat(closed).containsExactly("prompt 3", "prompt 2", "prompt 1");
    }

    @Test
    void oneThatComesTooLateRunsAtOnceAndMayThrow() {
        actions.close(Runnable::run);

        actions.addPrompt(failing("late"));
        actions.addSlow(failing("later"));
        actions.close(Runnable::run);

        assertThat(closed).containsExactly("late", "later");
    }
}
