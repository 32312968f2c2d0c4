package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Fifty transactions that each take three of five rows in a circle, and begin again whenever they are the victim of a
 * deadlock. No threads: which of those that can go on takes the next step follows from the seed. Rerun one with
 * {@code -Dseed=}.
 */
@Timeout(60)
class DeadlockStormTest {
    private static final int CLIENTS = 50;
    private static final int ROWS = 5;
    private static final int EACH = 3;
    private static final int TRANSACTIONS = 5_000;
    private static final LockTarget.Table TABLE = new LockTarget.Table(1, 1);

    private final long seed = Long.getLong("seed", 1);
    private final Random random = new Random(seed);
    private final Client[] clients = new Client[CLIENTS];
    private final LockTable table = new LockTable(
            new Victims(new Victims.Facts() {
                @Override
                public int priority(OwnerId owner) {
                    return 0;
                }

                @Override
                public long rowsChanged(OwnerId owner) {
                    return clients[owner.session()].taken;
                }
            }),
            queue -> {});

    private long now;
    private long begun;
    private int tries;
    private int done;
    private int most;

    private final class Client {
        private final int session;
        private int first;
        private int taken;
        private int triesOfThis;
        private boolean waits;
        private OwnerId owner = new OwnerId(0, 0);

        Client(int session) {
            this.session = session;
            takesTheNext();
        }

        void takesTheNext() {
            first = random.nextInt(ROWS);
            triesOfThis = 0;
            begins();
        }

        void begins() {
            owner = new OwnerId(session, ++begun);
            taken = 0;
            waits = false;
            tries++;
            most = Math.max(most, ++triesOfThis);
        }

        void step() {
            if (taken == EACH) {
                table.releaseAll(owner, now);
                done++;
                takesTheNext();
                return;
            }
            LockTarget row = new LockTarget.Row(TABLE, (first + taken) % ROWS);
            OwnerId asking = owner;
            Decision decision = table.request(
                    new LockRequest(asking, row, LockMode.X, StatementRecord.NONE, now, WaitRule.Place.IN_LINE));
            while (decision instanceof Decision.Deadlock deadlock) {
                table.releaseAll(deadlock.victim(), now);
                clients[deadlock.victim().session()].begins();
                if (deadlock.victim().equals(asking)) {
                    return;
                }
                decision = table.look(asking, now);
            }
            waits = decision instanceof Decision.Waiting;
            taken += waits ? 0 : 1;
        }
    }

    @Test
    void aStormOfDeadlocksCostsAFewTriesEach() {
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = new Client(i);
        }
        while (done < TRANSACTIONS) {
            now++;
            assertThat(now).as("seed %d: steps", seed).isLessThan(20_000_000);
            Client next = clients[random.nextInt(CLIENTS)];
            if (!next.waits) {
                next.step();
                table.takeGranted().forEach(owner -> {
                    Client client = clients[owner.session()];
                    if (client.owner.equals(owner) && client.waits) {
                        client.waits = false;
                        client.taken++;
                    }
                });
            }
        }
        assertThat(tries).as("seed %d: tries", seed).isLessThan(4 * TRANSACTIONS);
        assertThat(most).as("seed %d: most tries of one", seed).isLessThan(64);
    }
}
