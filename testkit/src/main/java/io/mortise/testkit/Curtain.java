package io.mortise.testkit;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.opentest4j.AssertionFailedError;

/** Ends a test: sessions that are idle roll back, which lets others go on, until all are closed. Stateless. */
final class Curtain {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Curtain() {}

    static void fall(Stage stage, List<TestSession> sessions) {
        List<TestSession> left = new ArrayList<>(sessions);
        while (!left.isEmpty()) {
            List<TestSession> idle = left.stream().filter(TestSession::isIdle).toList();
            if (idle.isEmpty()) {
                left.forEach(Curtain::abort);
                idle = left.stream()
                        .filter(session -> session.isIdleWithin(PATIENCE))
                        .toList();
            }
            if (idle.isEmpty()) {
                throw new AssertionFailedError("Sessions could not be ended: "
                        + left.stream().map(TestSession::name).toList());
            }
            idle.forEach(TestSession::letGo);
            stage.awaitStill(PATIENCE);
            idle.forEach(Curtain::close);
            left.removeAll(idle);
        }
    }

    private static void abort(TestSession session) {
        try {
            session.abort();
        } catch (SQLException e) {
            throw new AssertionFailedError("Session " + session.name() + " could not be aborted", e);
        }
    }

    private static void close(TestSession session) {
        try {
            session.close();
        } catch (SQLException e) {
            throw new AssertionFailedError("Session " + session.name() + " could not be closed", e);
        }
    }
}
