package io.mortise.driver.waits;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.storage.h2.RoutedErrors;
import java.lang.reflect.Field;
import java.sql.Statement;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Nobody waits for the words of a deadlock: they are made when the client, or a reader of the journal, asks for them.
 */
@Timeout(120)
final class LateWordsTest {
    private static final String DEBIT = "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = %d";
    private static final String REMEMBERED = "SELECT TEXT FROM SYS.ERRORS WHERE SQLSTATE = '40001'";

    private final AtomicReference<DeadlockException> caught = new AtomicReference<>();

    private static boolean hasWords(DeadlockException error) throws ReflectiveOperationException {
        Field words = RoutedErrors.Deadlock.class.getDeclaredField("words");
        words.setAccessible(true);
        return words.get(error) == null;
    }

    /** Two that cross: the one that closes the cycle gives way, and has the error. */
    private DeadlockException cross(Actor elder, Actor victim) throws Exception {
        elder.runs(DEBIT.formatted(2));
        victim.runs(DEBIT.formatted(1));
        Attempt waits = elder.waits(DEBIT.formatted(1));
        Attempt closes = victim.starts(() -> {
            try (Statement statement = victim.connection().createStatement()) {
                return statement.executeUpdate(DEBIT.formatted(2));
            } catch (DeadlockException e) {
                caught.set(e); // A Future would ask for the message.
                return -1;
            }
        });
        assertThat(closes.result()).isEqualTo(-1);
        assertThat(waits.result()).isEqualTo(1);
        elder.commits();
        return Objects.requireNonNull(caught.get(), "the victim's error");
    }

    @Test
    void theErrorIsThereBeforeItsWordsAndTheySayWhatWasSoThen() throws Exception {
        try (Ring ring = Ring.of(Side.MORTISE)) {
            Actor elder = ring.actor("clerk-5");
            Actor victim = ring.actor("clerk-7");

            DeadlockException error = cross(elder, victim);

            assertThat(hasWords(error)).isFalse();
            elder.thread().setName("another");
            elder.runs("ALTER TABLE ACCOUNTS RENAME TO OLD");
            assertThat(error.getMessage())
                    .contains("PUBLIC.ACCOUNTS(ID=2)", "PUBLIC.ACCOUNTS(ID=1)", "thread \"clerk-5\"")
                    .doesNotContain("OLD", "another");
            assertThat(hasWords(error)).isTrue();
            assertThat(error.report().cycle()).hasSize(2);
            elder.runs("ALTER TABLE OLD RENAME TO ACCOUNTS");
        }
    }

    @Test
    void theJournalMakesThemForItsReader() throws Exception {
        try (Ring ring = Ring.of(Side.MORTISE)) {
            DeadlockException error = cross(ring.actor("clerk-5"), ring.actor("clerk-7"));

            String remembered = ring.query(REMEMBERED).get(0);

            assertThat(hasWords(error)).isFalse();
            assertThat(remembered)
                    .startsWith("Lock Manager: session ")
                    .contains(String.valueOf(error.getMessage()).lines().toList());
        }
    }
}
