package io.mortise.engine.lock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.JJ_Result;

/** The place of a lock is filled by the next transaction while somebody reads it. */
@JCStressTest
@Outcome(id = "0, 0", expect = Expect.ACCEPTABLE, desc = "it was empty between the two")
@Outcome(id = "1, 1", expect = Expect.ACCEPTABLE, desc = "what the first has")
@Outcome(id = "2, 2", expect = Expect.ACCEPTABLE, desc = "what the second has")
@Outcome(expect = Expect.FORBIDDEN, desc = "a lock that nobody has")
@State
public class ReaderAgainstNextTransaction {
    private final Places places = new Places(1, () -> StatementRecord.NONE);

    /** Taken before either thread begins. */
    private final long first = fill(1);

    private long fill(long number) {
        return places.fill(new LockTarget.RowKey(Stage.TABLE, number), LockMode.S, number, StatementRecord.NONE);
    }

    @Actor
    public void owner() {
        places.end();
        fill(2);
    }

    @Actor
    public void reader(JJ_Result result) {
        Places.Taken read = places.read(0);
        if (read != null && first != 0) {
            result.r1 = read.owner().transaction();
            result.r2 = ((LockTarget.RowKey) read.target()).key();
        }
    }
}
