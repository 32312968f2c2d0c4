package io.mortise.engine.lock;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZ_Result;

/** The same against a lock on the whole schema, which has to learn of every table below. */
@JCStressTest
@Outcome(id = "true, false", expect = Expect.ACCEPTABLE, desc = "the intent is in, the schema waits")
@Outcome(id = "false, true", expect = Expect.ACCEPTABLE, desc = "the schema is in, the intent has to ask")
@Outcome(expect = Expect.FORBIDDEN, desc = "both are in, or neither")
@State
public class IntentAgainstSchemaLock {
    private final Stage stage = new Stage();

    @Actor
    public void taker(ZZ_Result result) {
        result.r1 = stage.takeIntent();
    }

    @Actor
    public void closer(ZZ_Result result) {
        result.r2 = Stage.isGranted(stage.askStrong(Stage.SCHEMA));
    }
}
