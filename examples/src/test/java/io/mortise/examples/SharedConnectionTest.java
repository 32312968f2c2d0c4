package io.mortise.examples;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.testkit.engine.EventConditions.finishedWithFailure;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.cause;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.instanceOf;
import static org.junit.platform.testkit.engine.TestExecutionResultConditions.message;

import io.mortise.engine.error.SessionIsLockedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.platform.testkit.engine.EngineTestKit;

/** The test that shares a connection fails, and its message says with what. */
@Timeout(60)
final class SharedConnectionTest {
    @Test
    void itFailsAndSaysWhoseStatementWasInFlight() {
        EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(SharedConnectionExample.class))
                .execute()
                .testEvents()
                .assertThatEvents()
                .haveExactly(
                        1,
                        finishedWithFailure(cause(
                                instanceOf(SessionIsLockedException.class), message(SharedConnectionTest::tellsAll))));
    }

    private static boolean tellsAll(String message) {
        return message.contains("SESSION_IS_LOCKED: Session is locked by another thread.")
                && message.contains("in flight  SELECT ID FROM ORDERS")
                && message.contains("refused    UPDATE ORDERS SET STATE = 'SENT' WHERE ID = 1 on thread \"sender\"");
    }
}
