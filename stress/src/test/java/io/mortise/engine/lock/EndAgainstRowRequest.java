package io.mortise.engine.lock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.Z_Result;

/** The holder of a row, which only storage knows, ends while another has itself entered in the queue behind it. */
@JCStressTest
@Outcome(id = "true", expect = Expect.ACCEPTABLE, desc = "it was free, or was handed over")
@Outcome(expect = Expect.FORBIDDEN, desc = "it waits, and nobody will wake it")
@State
public class EndAgainstRowRequest {
    private final Stage stage = new Stage();

    @SuppressWarnings("NullAway.Init") // by the asker
    private Waiter waiter;

    @Actor
    public void ender() {
        stage.end();
    }

    @Actor
    public void asker() {
        waiter = stage.askRow();
    }

    @Arbiter
    public void look(Z_Result result) {
        result.r1 = Stage.isGranted(waiter);
    }
}
