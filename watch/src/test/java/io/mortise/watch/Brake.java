package io.mortise.watch;

import java.util.concurrent.CountDownLatch;

/** A statement that runs until the test lets it go. Public, for H2 calls it. One test at a time. */
public final class Brake {
    private static volatile CountDownLatch reached = new CountDownLatch(1);
    private static volatile CountDownLatch letGo = new CountDownLatch(1);

    private Brake() {}

    /** What an alias calls. */
    public static int hold() throws InterruptedException {
        reached.countDown();
        letGo.await();
        return 1;
    }

    static void reset() {
        reached = new CountDownLatch(1);
        letGo = new CountDownLatch(1);
    }

    /** Returns once the statement runs. */
    static void awaitReached() throws InterruptedException {
        reached.await();
    }

    static void release() {
        letGo.countDown();
    }
}
