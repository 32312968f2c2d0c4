package io.mortise.engine.lock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** A key shared around the mutex, against who wants it exclusively through it: exactly one of them has it. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "it is shared, the other waits")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the other has it, who shares has to ask")
@Outcome(expect = Expect.FORBIDDEN, desc = "both have it, or neither")
@State
public class KeyAgainstStrongLock {
    private final Stage stage = new Stage();

    @Actor
    public void child(ZZ_Result result) {
        result.r1 = stage.shareKey();
    }

    @Actor
    public void closer(ZZ_Result result) {
        result.r2 = Stage.isGranted(stage.askStrong(Stage.KEY));
    }
}
