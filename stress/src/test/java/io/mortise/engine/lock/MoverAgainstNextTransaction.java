package io.mortise.engine.lock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZZ_Result;

/**
 * Somebody who has read the lock of one transaction empties its place, while that ends and the next one fills the
 * place: one of the two has emptied it of the first, and nobody of the second.
 */
@JCStressTest
@Outcome(id = "true, false, true", expect = Expect.ACCEPTABLE, desc = "moved: the owner sees that it is not there")
@Outcome(id = "false, true, true", expect = Expect.ACCEPTABLE, desc = "given back: the mover sees that")
@Outcome(expect = Expect.FORBIDDEN, desc = "a lock in two places, or in none")
@State
public class MoverAgainstNextTransaction {
    private final Places places = new Places(1, () -> StatementRecord.NONE);

    /** Taken before either thread begins. */
    private final long first = fill();

    private long fill() {
        return places.fill(Stage.TABLE, LockMode.IX, 1, StatementRecord.NONE);
    }

    @Actor
    public void mover(ZZZ_Result result) {
        result.r1 = places.empty(0, first);
    }

    @Actor
    public void owner(ZZZ_Result result) {
        result.r2 = places.end();
        fill();
    }

    @Arbiter
    public void look(ZZZ_Result result) {
        result.r3 = places.isFull(0);
    }
}
