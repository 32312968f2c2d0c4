package io.mortise.engine.serial;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.serial.Note.Bounds;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import io.mortise.engine.serial.SerialTransaction.Kind;
import io.mortise.engine.serial.World.Rows;
import io.mortise.engine.serial.World.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Notes that are made without the room's mutex: whoever looks at the same row or writes it sees them. */
@Timeout(120)
final class SignsTest {
    private static final LockTarget.Table TABLE = new LockTarget.Table(1, 1);
    private static final int ROUNDS = Integer.getInteger("rounds", 20_000);
    private static final int PLACES = 16;
    /** More than there are places. */
    private static final int CROWD = 40;
    /** So many that an open one need not ask the room for each note, because of those that are kept. */
    private static final int KEPT = 1_000;

    private Serializer room = new Serializer(Bounds.DEFAULT);
    private int last;

    private SerialTransaction begin() {
        last++;
        return room.begin(new OwnerId(last, last), Kind.WRITES);
    }

    private void look(SerialTransaction reader, int row) {
        room.look(reader, new Look(TABLE, Optional.of(new Rows(row, row)), StatementRecord.NONE));
    }

    private void write(SerialTransaction writer, int row) {
        room.write(writer, new Write(TABLE, Optional.of(new Version(row)), StatementRecord.NONE));
    }

    private boolean tryCommit(SerialTransaction transaction) {
        boolean mayCommit = room.commits(transaction).isEmpty();
        if (mayCommit) {
            room.committed(transaction);
        } else {
            room.rolledBack(transaction);
        }
        return mayCommit;
    }

    /** Each reads what the other one writes: in no order could both have done so. */
    @Test
    void ofTwoThatMeetAtTheSameMomentOneGivesWay() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            CyclicBarrier together = new CyclicBarrier(2);
            int committed = 0;
            for (int round = 0; round < ROUNDS; round++) {
                int some = round % 5;
                List<Future<Boolean>> both = new ArrayList<>();
                for (int side = 0; side < 2; side++) {
                    SerialTransaction one = begin();
                    both.add(threads.submit(skew(one, together, some + side, some + 1 - side)));
                }
                int now = (both.get(0).get() ? 1 : 0) + (both.get(1).get() ? 1 : 0);
                assertThat(now).as("round %d", round).isLessThan(2);
                committed += now;
            }
            assertThat(committed).isGreaterThan(ROUNDS / 4);
            assertThat(room.size()).isZero();
        } finally {
            threads.shutdownNow();
        }
    }

    private Callable<Boolean> skew(SerialTransaction one, CyclicBarrier together, int read, int written) {
        return () -> {
            together.await();
            look(one, read);
            write(one, written);
            together.await(); // Neither commits before both have written.
            return tryCommit(one);
        };
    }

    private List<SerialTransaction> asManyAsThereArePlaces() {
        return Stream.generate(this::begin).limit(PLACES).toList();
    }

    @Test
    void whoHasNoPlaceIsSeenAllTheSame() {
        SerialTransaction placed = asManyAsThereArePlaces().get(0);
        SerialTransaction other = begin();
        look(other, 1);
        look(placed, 2);

        write(other, 2);
        write(placed, 1);

        assertThat(Stream.of(other, placed).filter(this::tryCommit)).hasSize(1);
    }

    /** The reader began while it ran; its place is another's by now. */
    @Test
    void whoHasEndedIsSeenAsLongAsItCounts() {
        SerialTransaction writer = begin();
        SerialTransaction reader = begin();
        look(writer, 3);
        write(writer, 1);
        assertThat(tryCommit(writer)).isTrue();
        for (int i = 0; i < CROWD; i++) {
            SerialTransaction other = begin();
            write(other, 7 + i);
            assertThat(tryCommit(other)).isTrue();
        }

        look(reader, 1);
        write(reader, 3);

        assertThat(reader.refusal()).isPresent();
        room.rolledBack(reader);
        assertThat(room.size()).isZero();
    }

    @Test
    void soIsOneThatIsNotKeptOneByOneAnyMore() {
        room = new Serializer(new Bounds(1_000, 200_000, KEPT));
        List<SerialTransaction> placed = asManyAsThereArePlaces();
        SerialTransaction reader = placed.get(0);
        SerialTransaction writer = begin();
        look(writer, 3);
        write(writer, 1);
        assertThat(tryCommit(writer)).isTrue();
        room.rolledBack(placed.get(1)); // Its place is for those that follow.
        for (int i = 0; i < KEPT; i++) {
            assertThat(tryCommit(begin())).isTrue();
        }

        look(reader, 1);
        write(reader, 3);

        assertThat(reader.refusal()).isPresent();
    }
}
