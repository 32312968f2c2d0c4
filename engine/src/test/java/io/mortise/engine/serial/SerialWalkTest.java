package io.mortise.engine.serial;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.serial.Note.Bounds;
import io.mortise.engine.serial.SerialTransaction.Kind;
import io.mortise.engine.serial.World.Client;
import io.mortise.engine.serial.World.Rows;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A million random steps of transactions beside each other: whoever has committed could have run one after another. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class SerialWalkTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = Integer.getInteger("rounds", 8_000);
    private static final int STEPS = 100;
    private static final int CLIENTS = 5;

    private static final Kind[] KINDS = {
        Kind.WRITES, Kind.WRITES, Kind.WRITES, Kind.WRITES, Kind.READS, Kind.DEFERS, Kind.DEFINES
    };

    private int refused;
    private int committed;
    private int deferred;

    @Test
    void whatHasCommittedHasAnOrder() {
        System.out.println("seed " + SEED);
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS; round++) {
            World world = walk(random, Bounds.DEFAULT);

            assertThat(world.circle()).as("seed %d round %d", SEED, round).isEmpty();
            assertThat(world.table.size()).as("what is left").isZero();
        }
        System.out.println(committed + " committed, " + refused + " refused, " + deferred + " with a safe snapshot");
        assertThat(committed).isGreaterThan(10 * ROUNDS / 2);
        assertThat(deferred).isGreaterThan(ROUNDS / 4);
    }

    @Test
    void soItIsWithoutRoomForAllThatWouldHaveToBeKept() {
        System.out.println("seed " + SEED);
        Random random = new Random(SEED);
        for (int round = 0; round < ROUNDS / 4; round++) {
            Bounds tight = new Bounds(1 + random.nextInt(4), 2 + random.nextInt(12), random.nextInt(3));
            World world = walk(random, tight);

            assertThat(world.circle())
                    .as("seed %d round %d %s", SEED, round, tight)
                    .isEmpty();
            assertThat(world.table.size()).as("what is left").isZero();
        }
        assertThat(committed).isGreaterThan(ROUNDS / 4);
    }

    /** Who is refused runs again; with nobody beside it, it gets through, whatever has been before. */
    @Test
    void whoRunsAloneIsNotRefused() {
        System.out.println("seed " + SEED);
        Random random = new Random(SEED);
        World world = new World(Bounds.DEFAULT);
        for (int round = 0; round < 10_000; round++) {
            Client alone = world.begin(Kind.WRITES);
            for (int i = 0; i < 5; i++) {
                act(world, alone, random);
            }
            assertThat(world.tryCommit(alone)).isTrue();
        }
    }

    private World walk(Random random, Bounds bounds) {
        World world = new World(bounds);
        for (int step = 0; step < STEPS; step++) {
            step(world, random);
        }
        for (Client left : List.copyOf(world.open())) {
            end(world, left);
        }
        committed += world.committed().size();
        return world;
    }

    private void step(World world, Random random) {
        List<Client> open = world.open();
        if (open.size() < CLIENTS && random.nextInt(3) == 0) {
            world.begin(KINDS[random.nextInt(KINDS.length)]);
            return;
        }
        if (open.isEmpty()) {
            return;
        }
        Client client = open.get(random.nextInt(open.size()));
        if (client.serial.kind() == Kind.DEFINES) {
            define(world, client, random);
        } else if (client.serial.kind() == Kind.DEFERS) {
            defer(world, client, random);
        } else if (client.isCommitting) {
            if (!client.isVisible && random.nextBoolean()) {
                world.becomesVisible(client);
            } else if (random.nextInt(3) > 0) {
                world.committed(client);
            }
        } else if (random.nextInt(4) == 0) {
            ends(world, client, random);
        } else if (client.isRefused()) {
            refused++;
            world.rolledBack(client);
        } else {
            act(world, client, random);
        }
    }

    /** It is refused by what it does itself, or not at all; that it commits is decided where it has. */
    private void define(World world, Client client, Random random) {
        assertThat(client.isRefused()).isFalse();
        if (random.nextInt(4) == 0) {
            world.committed(client);
            assertThat(client.isRefused()).isFalse();
            return;
        }
        act(world, client, random);
        if (client.isRefused()) {
            refused++;
            world.rolledBack(client);
        }
    }

    /** It waits for others that are open, and then it is never refused and keeps nothing. */
    private void defer(World world, Client client, Random random) {
        world.takeSnapshot(client);
        Optional<OwnerId> awaited = world.table.awaited(client.serial);
        if (awaited.isPresent()) {
            assertThat(world.open()).anyMatch(other -> other.serial.owner().equals(awaited.get()));
        } else if (!world.table.isSafe(client.serial)) {
            world.rolledBack(client); // It would take another snapshot.
        } else if (random.nextInt(4) == 0) {
            assertThat(world.tryCommit(client)).isTrue();
            deferred++;
        } else {
            act(world, client, random);
            assertThat(client.isRefused()).isFalse();
            assertThat(client.serial.notes.size()).isZero();
        }
    }

    private void ends(World world, Client client, Random random) {
        if (random.nextInt(8) == 0) {
            world.rolledBack(client);
        } else if (!world.commits(client)) {
            refused++;
            world.rolledBack(client);
        }
    }

    private static void act(World world, Client client, Random random) {
        int of = random.nextInt(2);
        int row = random.nextInt(World.ROWS);
        switch (random.nextInt(8)) {
            case 0 -> world.read(client, of, Optional.empty());
            case 1 -> world.read(client, of, Optional.of(new Rows(row / 2, row)));
            case 2 -> world.takeSnapshot(client);
            case 3, 4, 5 -> world.read(client, of, Optional.of(new Rows(row, row)));
            default -> {
                if (client.serial.kind() == Kind.WRITES && !world.write(client, of, row)) {
                    world.rolledBack(client);
                }
            }
        }
    }

    private static void end(World world, Client client) {
        if (client.serial.kind() == Kind.DEFERS) {
            world.rolledBack(client);
        } else if (client.isCommitting || client.serial.kind() == Kind.DEFINES) {
            world.committed(client);
        } else {
            world.tryCommit(client);
        }
    }
}
