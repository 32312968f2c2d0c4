package io.mortise.engine.lock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random walks over rows that storage decides on, which takes and frees them without a word: whatever it does, a row
 * that was shared stays shared to the end of its transaction, and nobody waits with nobody in its way. Who may pass is
 * reckoned anew after each step. Rerun one with {@code -Dseed=}.
 */
@Timeout(120)
class StorageRowsWalkTest {
    private static final int OWNERS = 5;
    private static final int ROWS = 2;
    private static final LockTarget.Table TABLE = new LockTarget.Table(1, 1);

    private static final long BARGING = 4;
    private static final OwnerId STRANGER = new OwnerId(99, 1);

    private record Share(int session, LockTarget row) {}

    private final long first = Long.getLong("seed", 1);
    private LockTable table = newTable();
    private Random random = new Random(first);
    private final Set<Share> shared = new HashSet<>();
    /** What each session waits for. */
    private final Map<Integer, LockRequest> waits = new HashMap<>();

    /** When a session was first handed the row that it wants, or has been handed; and whose thread is awake. */
    private final Map<Share, Long> handed = new HashMap<>();

    private final Set<Share> awake = new HashSet<>();

    private final List<String> story = new ArrayList<>();
    private long now;

    private static LockTable newTable() {
        return new LockTable(
                new Victims(new Victims.Facts() {
                    @Override
                    public int priority(OwnerId owner) {
                        return 0;
                    }

                    @Override
                    public long rowsChanged(OwnerId owner) {
                        return 0;
                    }
                }),
                queue -> {});
    }

    @Test
    void whatIsSharedStaysSharedWhateverStorageDoes() {
        for (int walk = 0; walk < 500; walk++) {
            random = new Random(first + walk);
            table = newTable();
            shared.clear();
            waits.clear();
            handed.clear();
            awake.clear();
            story.clear();
            try {
                for (int step = 0; step < 300; step++) {
                    step();
                    check();
                }
            } catch (AssertionError wrong) {
                fail("-Dseed=" + (first + walk) + ": " + wrong.getMessage() + "\n" + String.join("\n", story), wrong);
            }
        }
    }

    private void step() {
        now++;
        int session = random.nextInt(OWNERS);
        OwnerId owner = owner(session);
        LockTarget row = new LockTarget.Row(TABLE, random.nextInt(ROWS));
        if (waits.containsKey(session)) {
            if (random.nextInt(4) == 0) {
                tell(owner + " gives up waiting");
                table.withdraw(session, now);
                waits.remove(session);
            }
        } else {
            act(owner, row);
        }
        for (OwnerId granted : table.takeGranted()) {
            LockRequest asked = waits.remove(granted.session());
            if (asked != null) { // Else it was told so at once.
                isGranted(asked);
            }
        }
    }

    private void act(OwnerId owner, LockTarget row) {
        LockRequest asked = request(owner, row, random.nextBoolean() ? LockMode.S : LockMode.X);
        switch (random.nextInt(9)) {
            case 0 -> {
                tell(owner + " ends");
                table.releaseAll(owner, now);
                shared.removeIf(share -> share.session() == owner.session());
            }
            case 1 -> {
                tell(owner + " has taken " + row + " in storage");
                table.confirm(owner, row);
            }
            case 2 -> {
                tell("storage has let go " + row);
                table.implicitHolder(row).ifPresent(holder -> table.releaseLetGo(holder, row, now));
            }
            case 3 -> {
                tell(owner + " does not take " + row);
                table.decline(owner, row, now);
            }
            case 4 -> from(asked);
            case 6 -> {
                tell(owner + " is awake, and finds " + row + " taken");
                table.awakes(owner, row);
                if (isHanded(owner, row)) {
                    awake.add(new Share(owner.session(), row));
                }
            }
            case 5 -> takenBack(owner, row);
            default -> decide(asked, table.request(asked), " requests ");
        }
    }

    /** Storage says that somebody else has the row. */
    private void from(LockRequest asked) {
        OwnerId holder = owner((asked.owner().session() + 1 + random.nextInt(OWNERS - 1)) % OWNERS);
        LockRequest held = request(holder, asked.target(), LockMode.X);
        Share own = new Share(asked.owner().session(), asked.target());
        awake.remove(own); // It sleeps again.
        if (asked.mode() == LockMode.S) {
            handed.remove(own);
        }
        decide(asked, table.requestFrom(held, asked), " finds " + holder + " and requests ");
    }

    /** A roll-back to a savepoint frees a row that this owner has in storage, so nobody else shares or has it. */
    private void takenBack(OwnerId owner, LockTarget row) {
        boolean isAlone =
                shared.stream().noneMatch(share -> share.row().equals(row) && share.session() != owner.session());
        if (isAlone) {
            tell(owner + " rolls back " + row);
            table.shareTaken(request(owner, row, LockMode.S));
            shared.add(new Share(owner.session(), row));
        }
    }

    private void decide(LockRequest asked, Decision first, String what) {
        tell(asked.owner() + what + asked.mode() + " on " + asked.target());
        Decision decision = first;
        while (decision instanceof Decision.Deadlock deadlock) {
            waits.remove(deadlock.victim().session());
            if (deadlock.victim().equals(asked.owner())) {
                return;
            }
            decision = table.look(asked.owner(), now);
        }
        if (decision instanceof Decision.Waiting) {
            waits.put(asked.owner().session(), asked);
        } else {
            isGranted(asked);
        }
    }

    private void isGranted(LockRequest asked) {
        boolean isHeld = table.queue(asked.target())
                .flatMap(queue -> queue.grantOf(asked.owner()))
                .isPresent();
        if (asked.mode() == LockMode.S && isHeld) {
            shared.add(new Share(asked.owner().session(), asked.target()));
        }
    }

    private void check() {
        for (Share share : shared) {
            assertThat(table.queue(share.row())
                            .flatMap(queue -> queue.grantOf(owner(share.session())))
                            .filter(Grant::isShared))
                    .as("session %d shares %s", share.session(), share.row())
                    .isPresent();
        }
        for (int row = 0; row < ROWS; row++) {
            LockTarget target = new LockTarget.Row(TABLE, row);
            table.queue(target).ifPresent(StorageRowsWalkTest::nobodyWaitsInVain);
            remember(target);
            table.queue(target)
                    .ifPresent(queue -> assertThat(queue.admits(STRANGER, now, BARGING))
                            .as("may pass on %s at %d, handed at %s, awake %s", target, now, handed, awake)
                            .isEqualTo(mayPass(queue)));
        }
    }

    private boolean isHanded(OwnerId owner, LockTarget row) {
        return table.queue(row)
                .flatMap(LockQueue::given)
                .filter(grant -> grant.kind == Grant.Kind.HANDED && grant.owner.equals(owner))
                .isPresent();
    }

    private void remember(LockTarget row) {
        for (int session = 0; session < OWNERS; session++) {
            Share own = new Share(session, row);
            LockRequest wanted = waits.get(session);
            if (isHanded(owner(session), row)) {
                handed.putIfAbsent(own, now);
            } else {
                awake.remove(own);
                if (wanted == null || !wanted.target().equals(row)) {
                    handed.remove(own);
                }
            }
        }
    }

    /** Recomputed from what the walk has seen. */
    private boolean mayPass(LockQueue queue) {
        boolean isKept = false;
        for (Grant grant : queue.grants()) {
            isKept |= grant.isFirm();
        }
        if (isKept) {
            return false;
        }
        for (int session = 0; session < OWNERS; session++) {
            if (isHanded(owner(session), queue.target)) {
                Share own = new Share(session, queue.target);
                return !awake.contains(own) && now - handed.getOrDefault(own, now) < 2 * BARGING;
            }
        }
        Pending first = queue.pending().first();
        Long since = first == null ? null : handed.get(new Share(first.owner.session(), queue.target));
        return since == null || now - since < BARGING;
    }

    /** Recomputed from nothing: each who waits has somebody in the way, a holder or one who stands ahead. */
    private static void nobodyWaitsInVain(LockQueue queue) {
        List<Pending> ahead = new ArrayList<>();
        for (Pending waiting : queue.pending()) {
            boolean isHeldUp = ahead.stream().anyMatch(other -> !waiting.mode.compatibleWith(other.mode));
            for (Grant grant : queue.grants()) {
                isHeldUp |= !grant.owner.equals(waiting.owner) && !waiting.mode.compatibleWith(grant.mode);
            }
            assertThat(isHeldUp)
                    .as(
                            "somebody is in the way of %s, who waits for %s on %s",
                            waiting.owner, waiting.mode, queue.target)
                    .isTrue();
            ahead.add(waiting);
        }
    }

    private LockRequest request(OwnerId owner, LockTarget row, LockMode mode) {
        return new LockRequest(owner, row, mode, StatementRecord.NONE, now, WaitRule.Place.IN_LINE);
    }

    private static OwnerId owner(int session) {
        return new OwnerId(session, 1);
    }

    private void tell(String line) {
        story.add(line);
    }
}
