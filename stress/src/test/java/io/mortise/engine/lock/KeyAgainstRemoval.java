package io.mortise.engine.lock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/**
 * A child shares a parent's keys around the mutex and then looks whether the parent is about to go; who removes that
 * writes so and then looks who shares its keys, and a third looks too, and would like to note that nobody does. At
 * least one sees the other.
 */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the child relies on the parent, who removes it waits")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the child sees that the parent goes")
@Outcome(id = "false, false", expect = Expect.ACCEPTABLE, desc = "both see the other, and the child gives way")
@Outcome(expect = Expect.FORBIDDEN, desc = "an orphan")
@State
public class KeyAgainstRemoval {
    private final Stage stage = new Stage();
    private volatile boolean isLeaving;

    @Actor
    public void child(ZZ_Result result) {
        result.r1 = stage.shareKey() && !isLeaving;
    }

    @Actor
    public void remover(ZZ_Result result) {
        isLeaving = true;
        result.r2 = !stage.isKeyKept();
    }

    @Actor
    public void looker() {
        stage.isKeyKept();
    }
}
