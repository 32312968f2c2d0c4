package io.mortise.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.examples.server.Place;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bank run on a PostgreSQL server, once; then what its transcript says. */
@Timeout(300)
final class BankOnServerTest {
    private static String transcript = "";

    @BeforeAll
    static void run() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new BankRun(new PrintStream(bytes, true, StandardCharsets.UTF_8), Place.OWN_SERVER).run();
        transcript = bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theLockTableShowsTheRowByItsKeyTheHolderAndBothWaiters() {
        assertThat(transcript)
                .containsPattern("(?s)GRANTED +X +accounts +id=1008 .*"
                        + "PENDING +X +accounts +id=1008 .*session Ben.*PENDING +X +accounts +id=1008 .*session Cleo");
    }

    @Test
    void theDeadlockIsToldInFullAndNamesItsVictim() {
        assertThat(transcript)
                .containsPattern("(Ada|Ben) is the victim")
                .contains("Deadlock detected: dependency cycle of sessions")
                .containsPattern("waits for EX ROW on mortise_bank_\\d+\\.accounts\\(id=1001\\) held by \\d+")
                .containsPattern("waits for EX ROW on mortise_bank_\\d+\\.accounts\\(id=1002\\) held by \\d+")
                .contains("-- deadlock, victim ");
    }

    @Test
    void theBlockingTreeShowsSessionsOfBothProcessesAskedByEither() {
        String act = transcript.substring(transcript.indexOf("Act 5"));
        assertThat(act)
                .containsPattern(
                        "(?s)session (?<branch>\\d+) of the server.*Ben \\(session (?<ben>\\d+)\\).*"
                                + "asked here:.*\\k<branch>.*\\k<ben>.*asked by the branch.*\\k<branch>.*\\k<ben>.*Ben goes on");
    }

    @Test
    void theRefusedStatementNamesTheOneInFlight() {
        assertThat(transcript)
                .contains("in flight  UPDATE ACCOUNTS SET BALANCE = BALANCE - 7 WHERE ID = 1021")
                .contains("refused    SELECT COUNT(*) FROM ACCOUNTS on thread");
    }

    @Test
    void noMoneyIsLost() {
        assertThat(transcript)
                .contains("The accounts held 174879.89 before the first transfer, and hold 174879.89 after the last.")
                .endsWith("No money was lost.\n");
    }
}
