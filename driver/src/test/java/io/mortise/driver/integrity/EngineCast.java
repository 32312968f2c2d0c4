package io.mortise.driver.integrity;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import java.util.List;

/** Sessions of this driver, as the testkit moves them. For the test's thread only. */
final class EngineCast implements Cast {
    private final Interleaving database;

    EngineCast(String... settings) {
        database = Interleaving.inMemory(settings);
    }

    @Override
    public Line run(String session, String sql) {
        return new StepLine(database.session(session).step(sql));
    }

    @Override
    public boolean isWaiting(String session) {
        return database.session(session).isWaiting();
    }

    @Override
    public List<String> aside(String sql) {
        return database.query(sql);
    }

    @Override
    public void close() {
        database.close();
    }

    private record StepLine(Step step) implements Line {
        @Override
        public boolean isOver() {
            return step.isOver();
        }

        @Override
        public boolean hasFailed() {
            return step.isOver() && step.result().isFailure();
        }

        @Override
        public String sqlState() {
            if (!hasFailed()) {
                return "";
            }
            String state =
                    step.result().sqlState().orElseThrow(() -> new AssertionError("not an error of SQL: " + step));
            step.expectError(state); // Else the testkit takes it for one that nobody has looked at.
            return state;
        }

        @Override
        public List<String> rows() {
            return step.result().rows();
        }

        @Override
        public long changed() {
            return step.result().updateCount();
        }
    }
}
