package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Random walks of the lock table, each step held against {@link SlowModel}. Rerun one with {@code -Dseed=}. */
class LockTableWalkTest {
    private static final int OWNERS = 7;
    private static final int TARGETS = 6;
    private static final LockMode[] MODES = LockMode.values();

    @Test
    @Timeout(600)
    void aMillionStepsAgreeWithTheModel() {
        walks(Long.getLong("seed", 1), 2_000, 500);
    }

    @Test
    @Tag("nightly")
    @Timeout(3_600)
    void fiftyMillionStepsAgreeWithTheModel() {
        walks(Long.getLong("seed", 1), 100_000, 500);
    }

    private static void walks(long seed, int walks, int steps) {
        System.out.println("seed " + seed);
        int deadlocks = 0;
        int reorderings = 0;
        for (int i = 0; i < walks; i++) {
            Walk walk = new Walk(seed + i);
            try {
                IntStream.range(0, steps).forEach(step -> walk.step());
                walk.finish();
            } catch (AssertionError wrong) {
                fail("-Dseed=" + (seed + i) + "\n" + String.join("\n", walk.story), wrong);
            }
            deadlocks += walk.deadlocks;
            reorderings += walk.reorderings;
        }
        System.out.println(deadlocks + " deadlocks, " + reorderings + " broken by reordering");
        assertThat(deadlocks).isPositive();
        assertThat(reorderings).isPositive();
    }

    /** One walk. */
    private static final class Walk {
        private final Random random;
        private final SlowModel model = new SlowModel();
        private final long[] changed = new long[OWNERS];
        private final LockTable table = new LockTable(
                new Victims(new Victims.Facts() {
                    @Override
                    public int priority(OwnerId owner) {
                        return owner.session() % 3 == 0 ? -1 : 0;
                    }

                    @Override
                    public long rowsChanged(OwnerId owner) {
                        return changed[owner.session()];
                    }
                }),
                this::follow);
        private final List<String> story = new ArrayList<>();
        private int deadlocks;
        private int reorderings;
        private OwnerId requester = new OwnerId(0, 1);
        private long now;

        Walk(long seed) {
            random = new Random(seed);
        }

        void step() {
            OwnerId owner = new OwnerId(random.nextInt(OWNERS), 1);
            now++;
            if (model.waitsFor(owner).isPresent()) {
                if (random.nextInt(6) == 0) {
                    story.add(owner + " gives up waiting");
                    table.withdraw(owner.session(), now);
                    model.withdraw(owner);
                }
            } else if (random.nextInt(5) == 0) {
                story.add(owner + " ends");
                changed[owner.session()] = 0;
                table.releaseAll(owner, now);
                model.releaseAll(owner);
            } else {
                request(owner, target(), MODES[random.nextInt(MODES.length)]);
            }
            table.takeGranted();
            assertSameState();
        }

        private LockTarget target() {
            int number = random.nextInt(TARGETS);
            LockTarget.Table first = new LockTarget.Table(1, 1);
            return switch (number) {
                case 0, 1 -> new LockTarget.Table(1, number);
                case 2, 3 -> new LockTarget.RowKey(first, number);
                default -> new LockTarget.Row(first, number);
            };
        }

        private void request(OwnerId owner, LockTarget target, LockMode mode) {
            story.add(owner + " requests " + mode + " on " + target);
            changed[owner.session()] += random.nextInt(2);
            requester = owner;
            boolean granted = model.request(owner, target, mode);
            Decision decision = table.request(
                    new LockRequest(owner, target, mode, StatementRecord.NONE, now, WaitRule.Place.IN_LINE));
            while (decision instanceof Decision.Deadlock deadlock) {
                check(deadlock, owner);
                model.withdraw(deadlock.victim());
                deadlocks++;
                if (deadlock.victim().equals(owner)) {
                    break;
                }
                decision = table.look(owner, now);
            }
            if (granted) {
                assertThat(decision).isInstanceOf(Decision.Granted.class);
            }
        }

        private void check(Decision.Deadlock deadlock, OwnerId requester) {
            List<OwnerId> members = deadlock.members().stream()
                    .map(link -> link.waitsFor().owner())
                    .toList();
            assertThat(members).startsWith(requester).contains(deadlock.victim());
            assertThat(model.isCycle(members))
                    .as("a cycle of the model: " + members)
                    .isTrue();
        }

        /**
         * The table has done something to a queue. If it has changed its order, to break a cycle of whoever has just
         * asked, the model does the same: it takes the order of those who still wait, behind those who have been
         * granted what they waited for. Of a victim the model hears later, and serves its queue then.
         */
        private void follow(LockQueue queue) {
            List<SlowModel.Entry> models = model.queue(queue.target);
            List<SlowModel.Entry> order = queue.pending().stream()
                    .map(pending -> new SlowModel.Entry(pending.owner, pending.mode))
                    .collect(Collectors.toCollection(ArrayList::new));
            List<SlowModel.Entry> gone =
                    models.stream().filter(entry -> !order.contains(entry)).toList();
            boolean isVictimAmong = gone.stream()
                    .anyMatch(entry -> queue.grantOf(entry.owner())
                            .filter(grant -> grant.mode.covers(entry.mode()))
                            .isEmpty());
            order.addAll(0, gone);
            if (model.isInCycle(requester)
                    && !isVictimAmong
                    && models.size() == order.size()
                    && !models.equals(order)) {
                reorderings++;
                model.waiting.put(queue.target, order);
                model.serve(queue.target);
            }
        }

        private void assertSameState() {
            assertThat(tableState()).isEqualTo(modelState());
            for (int session = 0; session < OWNERS; session++) {
                OwnerId owner = new OwnerId(session, 1);
                assertThat(model.isInCycle(owner)).as(owner + " is in a cycle").isFalse();
            }
        }

        private String tableState() {
            return table.rows().stream()
                    .map(row -> row.target() + (row.granted() ? " held " : " wanted ") + row.owner() + " " + row.mode())
                    .sorted()
                    .collect(Collectors.joining("\n"));
        }

        private String modelState() {
            List<String> rows = new ArrayList<>();
            model.granted.forEach((target, holders) ->
                    holders.forEach((owner, mode) -> rows.add(target + " held " + owner + " " + mode)));
            model.waiting.forEach((target, queue) ->
                    queue.forEach(entry -> rows.add(target + " wanted " + entry.owner() + " " + entry.mode())));
            return rows.stream().sorted().collect(Collectors.joining("\n"));
        }

        void finish() {
            for (int session = 0; session < OWNERS; session++) {
                table.withdraw(session, now);
                table.releaseAll(new OwnerId(session, 1), now);
            }
            assertThat(table.rows()).isEmpty();
        }
    }
}
