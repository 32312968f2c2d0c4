package io.mortise.engine.storage.h2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.error.DeadlockFacts;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.h2.message.DbException;
import org.junit.jupiter.api.Test;

/** The error of a deadlock's victim, whose words are made when somebody asks for them. */
final class DeadlockErrorTest {
    private static final DeadlockFacts FACTS = new DeadlockFacts(3, List.of(), 7);

    private final AtomicInteger made = new AtomicInteger();

    private RoutedErrors.Deadlock error() {
        return new RoutedErrors.Deadlock(
                () -> {
                    made.incrementAndGet();
                    return new DeadlockException("crossed", FACTS);
                },
                7);
    }

    @Test
    void itsWayThroughH2MakesNoWords() {
        RoutedErrors.Deadlock error = error();

        DbException routed = error.routed();

        assertThat((Throwable) routed.getSQLException()).isSameAs(error);
        assertThat(error.getErrorCode()).isEqualTo(40001);
        assertThat(error.getSQLState()).isEqualTo("40001");
        assertThat(error.characters()).isEqualTo(7);
        assertThat(made).hasValue(0);
    }

    @Test
    void whoAsksFirstHasThemMade() {
        RoutedErrors.Deadlock error = error();
        error.routed();

        assertThat(error.report()).isSameAs(FACTS);
        assertThat(error.getMessage()).isEqualTo("crossed");
        assertThat(error.getOriginalMessage()).isEqualTo("crossed");
        assertThat(error.toString()).endsWith("Deadlock: crossed");
        assertThat(error.words().get()).isEqualTo("crossed");
        assertThat(made).hasValue(1);
    }

    @Test
    void theJournalHasThemWithoutTheError() {
        RoutedErrors.Deadlock error = error();
        Supplier<String> kept = error.words();
        assertThat(made).hasValue(0);

        assertThat(kept.get()).isEqualTo("crossed");
        assertThat(error.getMessage()).isEqualTo("crossed");
    }

    @Test
    void anErrorWhileTheyAreMadeLeavesThemToBeMade() {
        RoutedErrors.Deadlock error = new RoutedErrors.Deadlock(
                () -> {
                    if (made.incrementAndGet() == 1) {
                        throw new OutOfMemoryError("injected");
                    }
                    return new DeadlockException("crossed", FACTS);
                },
                7);
        assertThat(catchThrowableOfType(OutOfMemoryError.class, error::getMessage))
                .isNotNull();

        assertThat(error.getMessage()).isEqualTo("crossed");
    }

    @Test
    void itIsSentWithItsWords() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(error());
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            RoutedErrors.Deadlock received = (RoutedErrors.Deadlock) in.readObject();
            assertThat(received.getMessage()).isEqualTo("crossed");
            assertThat(received.report()).isEqualTo(FACTS);
            assertThat(received.words().get()).isEqualTo("crossed");
        }
    }
}
