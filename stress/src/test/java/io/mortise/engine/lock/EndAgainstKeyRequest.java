package io.mortise.engine.lock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/**
 * The end of a transaction that shares a key around the mutex, against who wants it exclusively: it is never left
 * waiting.
 */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "it was free, or was handed over")
@Outcome(expect = Expect.FORBIDDEN, desc = "it waits, and nobody will wake it")
@State
public class EndAgainstKeyRequest {
    private final Stage stage = new Stage();

    /** Taken before either thread begins. */
    private final boolean taken = stage.shareKey();

    @SuppressWarnings("NullAway.Init") // by the asker
    private Waiter waiter;

    @Actor
    public void ender() {
        stage.end();
    }

    @Actor
    public void asker() {
        waiter = stage.askStrong(Stage.KEY);
    }

    @Arbiter
    public void look(Z_Result result) {
        result.r1 = taken && Stage.isGranted(waiter);
    }
}
