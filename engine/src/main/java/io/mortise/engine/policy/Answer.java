package io.mortise.engine.policy;

import io.mortise.engine.lock.LockMode;
import java.util.Optional;

/** What a policy answers about one table. Made once, because it is asked for every table of every statement. */
final class Answer {
    static final Optional<LockMode> NONE = Optional.empty();
    static final Optional<LockMode> IS = Optional.of(LockMode.IS);
    static final Optional<LockMode> IX = Optional.of(LockMode.IX);
    static final Optional<LockMode> S = Optional.of(LockMode.S);
    static final Optional<LockMode> SIX = Optional.of(LockMode.SIX);
    static final Optional<LockMode> X = Optional.of(LockMode.X);

    private Answer() {}
}
