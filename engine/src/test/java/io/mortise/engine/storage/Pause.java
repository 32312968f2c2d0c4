package io.mortise.engine.storage;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A function of SQL, {@code PAUSE(0)}, in which a statement stops until it is told to go on. For one test at a time.
 */
public final class Pause {
    private static CountDownLatch reached = new CountDownLatch(0);
    private static CountDownLatch goOn = new CountDownLatch(0);

    private Pause() {}

    static void createBy(Scene.Actor actor) throws Exception {
        actor.runs("CREATE ALIAS PAUSE FOR '" + Pause.class.getName() + ".stop'");
    }

    /** For H2. */
    public static int stop(int value) throws InterruptedException {
        reached.countDown();
        goOn.await(60, TimeUnit.SECONDS);
        return value;
    }

    /** From now on statements stop there. Before, none does. */
    static void begin() {
        reached = new CountDownLatch(1);
        goOn = new CountDownLatch(1);
    }

    /** At 0 when a statement has stopped there. */
    static CountDownLatch reached() {
        return reached;
    }

    static void end() {
        goOn.countDown();
    }
}
