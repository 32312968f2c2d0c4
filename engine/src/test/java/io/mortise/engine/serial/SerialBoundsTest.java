package io.mortise.engine.serial;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.serial.Note.Bounds;
import io.mortise.engine.serial.SerialTransaction.Kind;
import io.mortise.engine.serial.World.Client;
import io.mortise.engine.serial.World.Rows;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is kept is bounded, however long somebody reads and however many write meanwhile. */
final class SerialBoundsTest {
    private static final int WRITERS = 20_000;

    @Test
    void aLongReaderDoesNotMakeTheRestGrow() {
        World world = new World(new Bounds(10, 500, 100));
        Client reader = world.begin(Kind.WRITES);
        world.read(reader, 0, Optional.of(new Rows(0, 0)));
        int most = 0;
        for (int i = 0; i < WRITERS; i++) {
            Client writer = world.begin(Kind.WRITES);
            world.read(writer, 1, Optional.of(new Rows(1, 1)));
            world.write(writer, 1, 1 + i % 5);
            world.tryCommit(writer);
            most = Math.max(most, world.table.size());
        }

        // Notes and transactions, the reader's own, the books of two tables, and one line for those that are forgotten.
        assertThat(most).isLessThanOrEqualTo(500 + 100 + 8);
        world.tryCommit(reader);
        assertThat(world.table.size()).isZero();
    }

    @Test
    void smallerBoundsCountAtOnce() {
        World world = new World(Bounds.DEFAULT);
        Client reader = world.begin(Kind.WRITES);
        world.read(reader, 0, Optional.empty());
        for (int i = 0; i < 1000; i++) {
            Client writer = world.begin(Kind.WRITES);
            world.write(writer, 1, i % 5);
            world.tryCommit(writer);
        }
        assertThat(world.table.size()).isGreaterThan(2000);

        world.table.setBounds(new Bounds(10, 500, 100));

        assertThat(world.table.size()).isLessThanOrEqualTo(500 + 100 + 8);
    }
}
