package io.mortise.engine.lock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** An intent lock taken around the mutex, against a strong one through it: exactly one of them is in. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the intent is in, the strong lock waits")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the strong lock is in, the intent has to ask")
@Outcome(expect = Expect.FORBIDDEN, desc = "both are in, or neither")
@State
public class IntentAgainstStrongLock {
    private final Stage stage = new Stage();

    @Actor
    public void taker(ZZ_Result result) {
        result.r1 = stage.takeIntent();
    }

    @Actor
    public void closer(ZZ_Result result) {
        result.r2 = Stage.isGranted(stage.askStrong(Stage.TABLE));
    }
}
