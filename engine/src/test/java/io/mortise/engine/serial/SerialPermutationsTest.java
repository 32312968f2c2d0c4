package io.mortise.engine.serial;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.serial.Note.Bounds;
import io.mortise.engine.serial.SerialTransaction.Kind;
import io.mortise.engine.serial.World.Client;
import io.mortise.engine.serial.World.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Small cases, in every order in which their steps can come. Nobody waits; how often somebody is refused is counted.
 */
final class SerialPermutationsTest {
    private static final int TABLE = 0;

    /** One step of one transaction. */
    private interface Step {
        /** @return false if the transaction is over */
        boolean in(World world, Client client);
    }

    private record Count(int orders, int refusing, int circles) {}

    private static Step read(int from, int to) {
        return (world, client) -> {
            world.read(client, TABLE, Optional.of(new Rows(from, to)));
            return true;
        };
    }

    private static Step write(int row) {
        return (world, client) -> world.write(client, TABLE, row);
    }

    private static Step commit() {
        return World::tryCommit;
    }

    @Test
    void ofAWriteSkewOneIsRefusedWheneverTheTwoAreBesideEachOther() {
        List<Step> one = List.of(read(0, 1), write(0), commit());
        List<Step> two = List.of(read(0, 1), write(1), commit());

        assertThat(count(one, two)).isEqualTo(new Count(20, 18, 0));
    }

    @Test
    void soItIsWithRowsThatAreNotThereYet() {
        List<Step> one = List.of(read(0, 5), write(4), commit());
        List<Step> two = List.of(read(0, 5), write(5), commit());

        assertThat(count(one, two)).isEqualTo(new Count(20, 18, 0));
    }

    @Test
    void nobodyIsRefusedWhoReadsOtherRows() {
        List<Step> one = List.of(read(0, 0), write(0), commit());
        List<Step> two = List.of(read(1, 1), write(1), commit());

        assertThat(count(one, two)).isEqualTo(new Count(20, 0, 0));
    }

    @Test
    void whoOnlyReadsAndWhoOnlyWritesGetThrough() {
        List<Step> reader = List.of(read(0, 5), read(0, 5), commit());
        List<Step> writer = List.of(write(0), write(1), commit());

        assertThat(count(reader, writer)).isEqualTo(new Count(20, 0, 0));
    }

    /**
     * A receipt is booked into the batch that is current; the batch is closed; a report of the closed one must be
     * complete.
     */
    @Test
    void theReportThatCouldTellIsWhatMakesTheReceiptDangerous() {
        List<Step> receipt = List.of(read(0, 0), write(1), commit());
        List<Step> closing = List.of(write(0), commit());
        List<Step> report = List.of(read(0, 0), read(1, 1), commit());

        Count with = count(receipt, closing, report);

        assertThat(count(receipt, closing).refusing()).isZero();
        assertThat(with.circles()).isZero();
        assertThat(with.orders()).isEqualTo(560);
        assertThat(with.refusing()).isBetween(1, 177);
    }

    @Test
    void ofThreeInARingOneIsRefused() {
        List<Step> one = List.of(read(0, 0), write(1), commit());
        List<Step> two = List.of(read(1, 1), write(2), commit());
        List<Step> three = List.of(read(2, 2), write(0), commit());

        Count count = count(one, two, three);

        assertThat(count.circles()).isZero();
        assertThat(count.refusing()).isBetween(1, count.orders() - 6);
    }

    @Test
    void theRefusalNamesTheThreeAndWhatTheyDid() {
        World world = new World(Bounds.DEFAULT);
        Client receipt = world.begin(Kind.WRITES);
        read(0, 0).in(world, receipt);
        Client closing = world.begin(Kind.WRITES);
        write(0).in(world, closing);
        world.tryCommit(closing);
        Client report = world.begin(Kind.WRITES);
        read(0, 5).in(world, report);

        write(1).in(world, receipt);

        Refusal refusal = receipt.serial.refusal().orElseThrow();
        assertThat(refusal.pivot()).isEqualTo(receipt.serial.owner());
        assertThat(refusal.victim()).isEqualTo(receipt.serial.owner());
        assertThat(refusal.in().orElseThrow().reader()).isEqualTo(report.serial.owner());
        assertThat(refusal.in().orElseThrow().write().row().orElseThrow().text())
                .isEqualTo("1");
        assertThat(refusal.out().orElseThrow().writer()).isEqualTo(closing.serial.owner());
        assertThat(refusal.isOfTwo()).isFalse();
        assertThat(world.commits(receipt)).isFalse();
        assertThat(world.commits(report)).isTrue();
    }

    /**
     * It cannot be ended any more; so whoever reads what it has written, and has seen what it has missed, gives way.
     */
    @Test
    void whoReadsOfAPreparedPivotIsRefused() {
        World world = new World(Bounds.DEFAULT);
        Client prepared = world.begin(Kind.WRITES);
        read(0, 0).in(world, prepared);
        write(1).in(world, prepared);
        Client closing = world.begin(Kind.WRITES);
        write(0).in(world, closing);
        assertThat(world.commits(prepared)).isTrue();
        world.tryCommit(closing);
        Client report = world.begin(Kind.WRITES);

        read(0, 1).in(world, report);

        assertThat(report.isRefused()).isTrue();
        assertThat(prepared.isRefused()).isFalse();
    }

    @Test
    void whoOnlyReadsASafeSnapshotLeavesNoNotes() {
        World world = new World(Bounds.DEFAULT);
        Client reader = world.begin(Kind.READS);
        world.takeSnapshot(reader);
        int before = world.table.size();

        read(0, 5).in(world, reader);

        assertThat(world.table.size()).isEqualTo(before);
    }

    /** Nobody will ever see anything of it. */
    @Test
    void whoHasWrittenNothingIsOverWhenItIsDecidedThatItCommits() {
        World world = new World(Bounds.DEFAULT);
        Client reader = world.begin(Kind.WRITES);
        read(0, 5).in(world, reader);

        assertThat(world.commits(reader)).isTrue();

        assertThat(world.table.size()).isZero();
        assertThat(world.table.commits(reader.serial)).isEmpty();
        world.committed(reader);
        assertThat(world.table.size()).isZero();
    }

    /** Its notes may be gone by then, so nobody could tell what it misses. */
    @Test
    void whoGoesOnBehindThatIsRefused() {
        World world = new World(Bounds.DEFAULT);
        Client reader = world.begin(Kind.WRITES);
        read(0, 0).in(world, reader);
        Client other = world.begin(Kind.WRITES);
        read(0, 0).in(world, other);
        assertThat(world.commits(reader)).isTrue();
        assertThat(world.commits(other)).isTrue();

        read(1, 1).in(world, reader);
        write(1).in(world, other);

        assertThat(reader.isRefused()).isTrue();
        assertThat(other.isRefused()).isTrue();
        assertThat(world.table.commits(reader.serial)).isPresent();
        assertThat(world.table.size()).isZero();
    }

    /** H2 could not commit it, and nobody else can make it give way any more. */
    @Test
    void whoHasWrittenAndGoesOnBehindThatIsRefusedToo() {
        World world = new World(Bounds.DEFAULT);
        Client reader = world.begin(Kind.WRITES);
        write(0).in(world, reader);
        Client writer = world.begin(Kind.WRITES);
        write(1).in(world, writer);
        assertThat(world.commits(reader)).isTrue();
        assertThat(world.commits(writer)).isTrue();

        read(1, 1).in(world, reader);
        write(2).in(world, writer);

        assertThat(world.table.commits(reader.serial)).isPresent();
        assertThat(world.table.commits(writer.serial)).isPresent();
    }

    @SafeVarargs
    private static Count count(List<Step>... scripts) {
        List<int[]> orders = new ArrayList<>();
        int length = 0;
        for (List<Step> script : scripts) {
            length += script.size();
        }
        permute(scripts, new int[scripts.length], new int[length], orders);
        int refusing = 0;
        int circles = 0;
        for (int[] order : orders) {
            World world = new World(Bounds.DEFAULT);
            refusing += refuses(world, order, scripts) ? 1 : 0;
            circles += world.circle().isEmpty() ? 0 : 1;
        }
        return new Count(orders.size(), refusing, circles);
    }

    private static void permute(List<Step>[] scripts, int[] next, int[] order, List<int[]> orders) {
        int at = 0;
        for (int each : next) {
            at += each;
        }
        if (at == order.length) {
            orders.add(order.clone());
            return;
        }
        for (int who = 0; who < scripts.length; who++) {
            if (next[who] < scripts[who].size()) {
                next[who]++;
                order[at] = who;
                permute(scripts, next, order, orders);
                next[who]--;
            }
        }
    }

    private static boolean refuses(World world, int[] order, List<Step>[] scripts) {
        Client[] clients = new Client[scripts.length];
        int[] next = new int[scripts.length];
        boolean refused = false;
        for (int who : order) {
            Step step = scripts[who].get(next[who]++);
            if (clients[who] == null) {
                clients[who] = world.begin(Kind.WRITES);
            }
            Client client = clients[who];
            if (!world.open().contains(client)) {
                continue;
            }
            boolean goesOn = !client.isRefused() && step.in(world, client);
            if (!goesOn) {
                refused |= client.isRefused();
                if (world.open().contains(client)) {
                    world.rolledBack(client);
                }
            }
        }
        return refused;
    }
}
