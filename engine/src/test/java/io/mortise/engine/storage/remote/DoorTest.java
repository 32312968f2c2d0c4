package io.mortise.engine.storage.remote;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.h2.message.DbException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class DoorTest {
    private final Door door = new Door(1);

    @Test
    void whoStandsInLineTooLongHearsIt() {
        door.enter();

        assertThatThrownBy(door::enter)
                .isInstanceOf(DbException.class)
                .hasRootCauseMessage("Too many are logging in to this database over the network. No connection was"
                        + " made. Try again later.");
        door.leave();
        assertThatCode(door::enter).doesNotThrowAnyException();
    }
}
