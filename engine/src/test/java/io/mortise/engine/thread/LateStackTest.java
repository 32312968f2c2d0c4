package io.mortise.engine.thread;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where a thread stood is what was put down, whoever puts it down and whenever it is read. */
@Timeout(10)
class LateStackTest {
    private final LateStack own = new LateStack(Thread.currentThread());

    private static List<String> methods(List<StackTraceElement> stack) {
        return stack.stream().map(StackTraceElement::getMethodName).toList();
    }

    private void standsHere() {
        own.putDownOwn();
    }

    private void standsThere() {
        own.putDown();
    }

    @Test
    void whatAThreadPutsDownItselfIsReadWhenItHasGoneOn() {
        standsHere();
        standsThere();
        assertThat(methods(own)).contains("standsHere").doesNotContain("standsThere");
    }

    @Test
    void whatHasBeenReadDoesNotChange() {
        standsHere();
        List<StackTraceElement> read = own.read();
        standsThere();
        own.readIfPutDown();
        assertThat(own.read()).isSameAs(read);
    }

    @Test
    void anotherThreadIsReadWhereItStands() throws InterruptedException {
        Thread other = new Thread(LateStackTest::parks);
        other.setDaemon(true);
        other.start();
        while (other.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        LateStack stack = new LateStack(other);
        stack.putDown();
        other.interrupt();
        other.join();
        assertThat(methods(stack)).contains("parks");
    }

    private static void parks() {
        while (!Thread.interrupted()) {
            LockSupport.park();
        }
    }

    @Test
    void anotherThreadIsNotStoppedForTheCallersOwn() {
        Thread other = new Thread(LateStackTest::parks);
        LateStack stack = new LateStack(other);
        stack.putDownOwn();
        stack.readIfPutDown();
        own.readIfPutDown();
        standsHere();
        assertThat(stack.read()).isEmpty(); // It was never started.
        assertThat(methods(own)).contains("standsHere");
    }
}
