package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.application.Application;
import java.lang.ref.Reference;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connections that nobody has any more and nobody has closed. */
@Timeout(120)
final class AbandonedTest extends SingleFlight {
    /** In a method of its own, so that no frame of the test keeps the connection. */
    private void abandonOneThatHoldsARow(String settings) throws SQLException {
        Connection connection = Application.opens(database + settings);
        connection.setAutoCommit(false);
        execute(connection, "UPDATE T SET V = 1 WHERE ID = 1");
    }

    /** Returns when the row is free. Only the collector can bring that about, so it is asked until it does. */
    private void takeTheRow() throws Exception {
        try (Connection next = connect(";LOCK_TIMEOUT=100000")) {
            Future<Boolean> waits = worker.starts(() -> execute(next, "UPDATE T SET V = 10 WHERE ID = 1"));
            awaitThat(() -> {
                System.gc();
                return waits.isDone();
            });
            Background.result(waits);
        }
    }

    @Test
    @DisplayName("41 what an abandoned connection held is rolled back, and the place named where it was opened")
    void whatAnAbandonedConnectionHeldIsRolledBackAndItsPlaceNamed() throws Exception {
        try (LogLines log = new LogLines()) {
            abandonOneThatHoldsARow(";BORROW_SITE=true");
            takeTheRow();

            assertThat(sum()).isEqualTo(10);
            awaitThat(() -> !log.about("garbage collected").isEmpty());
            assertThat(log.about("garbage collected"))
                    .singleElement()
                    .asString()
                    .startsWith("WARNING")
                    .contains("opened at: io.mortise.application.Application.opens(Application.java:");
        }
    }

    @Test
    @DisplayName("41 a named session whose only connection was abandoned is gone after SESSION_TIMEOUT")
    void anAbandonedNamedSessionIsGoneAfterItsTimeout() throws Exception {
        abandonOneThatHoldsARow(";SESSION_ID=s;SESSION_TIMEOUT=1");
        takeTheRow();

        awaitThat(() -> isGone("s"));
        assertThatThrownBy(() -> connect(";SESSION_ID=s;SESSION_CHECK=1"))
                .hasMessageStartingWith("Session 's' not found.");
    }

    private boolean isGone(String name) {
        try {
            return number(keeper, "SELECT COUNT(*) FROM SYS.SESSIONS WHERE SESSION_NAME = '" + name + "'") == 0;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whoDidNotAskIsToldHowTo() throws Exception {
        try (LogLines log = new LogLines()) {
            abandonOneThatHoldsARow("");
            takeTheRow();

            awaitThat(() -> !log.about("garbage collected").isEmpty());
            assertThat(log.about("garbage collected"))
                    .singleElement()
                    .asString()
                    .contains("BORROW_SITE=true remembers that");
        }
    }

    @Test
    void aConnectionWhoseResultIsBeingReadIsNotAbandoned() throws Exception {
        ResultSet rows = connect("").getMetaData().getTables(null, "PUBLIC", "%", null);
        abandonOneThatHoldsARow("");
        takeTheRow(); // The collector has been here.

        assertThat(rows.next()).isTrue();
        Reference.reachabilityFence(rows);
    }
}
