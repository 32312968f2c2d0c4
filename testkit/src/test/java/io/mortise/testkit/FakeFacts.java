package io.mortise.testkit;

import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A lock manager that says what the test tells it to. Thread-safe. */
final class FakeFacts implements WaitFacts {
    private final Map<Integer, LockRow> pending = new ConcurrentHashMap<>();

    /** The request of a session that stands in a queue from now on. */
    LockRow queue(int session) {
        LockRow row = new LockRow(
                new OwnerId(session, session),
                new LockTarget.Name("n"),
                LockMode.X,
                false,
                0,
                0,
                StatementRecord.NONE,
                false,
                List.of(),
                0);
        pending.put(session, row);
        return row;
    }

    void grant(int session) {
        pending.remove(session);
    }

    @Override
    public void tell(LockListener listener) {}

    @Override
    public void tellNoMore(LockListener listener) {}

    @Override
    public Optional<LockRow> pending(int session) {
        return Optional.ofNullable(pending.get(session));
    }

    @Override
    public LockSnapshot snapshot() {
        return new LockSnapshot(0, List.copyOf(pending.values()), Map.of());
    }

    @Override
    public Stream<LockRow> inStorage() {
        return Stream.empty();
    }

    @Override
    public String name(LockTarget target) {
        return "n";
    }
}
