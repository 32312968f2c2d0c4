package io.mortise.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The bank run, once; then what its transcript says. */
@Timeout(300)
final class BankRunTest {
    private static String transcript = "";

    @BeforeAll
    static void run() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new BankRun(new PrintStream(bytes, true, StandardCharsets.UTF_8), "").run();
        transcript = bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void theInputIsTheShippedFile() {
        List<Account> accounts = Account.shipped();

        assertThat(accounts).hasSize(40).extracting(Account::id).doesNotHaveDuplicates();
        assertThat(accounts.stream().map(Account::balance).reduce(BigDecimal.ZERO, BigDecimal::add))
                .isEqualByComparingTo("174879.89");
    }

    @Test
    void everyTransferIsMadeOrRefused() {
        assertThat(transcript).containsPattern("2000 transfers were asked for: \\d+ were made, \\d+ were refused");
        assertThat(transcript).contains("after  400 transfers").contains("after 2000 transfers");
    }

    @Test
    void theLockTableShowsTheHolderAndBothWaitersInOrder() {
        assertThat(transcript)
                .containsPattern("(?s)GRANTED +X +ACCOUNTS +ID=1008 .*session Ada.*"
                        + "PENDING +X +ACCOUNTS +ID=1008 .*session Ben.*"
                        + "PENDING +X +ACCOUNTS +ID=1008 .*session Cleo");
    }

    @Test
    void theDeadlockIsToldInFullAndNamesItsVictim() {
        assertThat(transcript)
                .contains("Ben is the victim")
                .contains("Deadlock detected: dependency cycle of sessions")
                .containsPattern("waits for EX ROW on PUBLIC.ACCOUNTS\\(ID=1001\\) held by \\d+")
                .containsPattern("waits for EX ROW on PUBLIC.ACCOUNTS\\(ID=1002\\) held by \\d+")
                .containsPattern("victim +\\d+ \\(.*\\), rolled back")
                .contains("-- deadlock, victim b");
    }

    @Test
    void theRefusedStatementIsToldInFullAndNamesTheOneInFlight() {
        assertThat(transcript)
                .contains("SESSION_IS_LOCKED: Session is locked by another thread.")
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
