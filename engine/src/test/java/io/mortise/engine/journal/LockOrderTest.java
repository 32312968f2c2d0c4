package io.mortise.engine.journal;

import static io.mortise.engine.scene.Scene.ACCOUNTS;
import static io.mortise.engine.scene.Scene.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.journal.LockOrder.Edge;
import io.mortise.engine.journal.LockOrder.Seen;
import io.mortise.engine.journal.LockOrder.Step;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class LockOrderTest {
    private static final Step ACCOUNT = new Step(ACCOUNTS, true, "UPDATE ACCOUNTS SET B=?");
    private static final Step ORDER = new Step(ORDERS, true, "INSERT INTO ORDERS VALUES(?)");

    private final LockOrder order = new LockOrder();
    private final LockOrder.Trail session = order.trail();

    @Test
    void oneOrderIsNoInversionHoweverOftenItIsSeen() {
        accountsThenOrders(1);
        accountsThenOrders(2);

        assertThat(order.seen()).containsExactly(new Seen(new Edge(ACCOUNT, ORDER), 2, Optional.empty()));
    }

    @Test
    void twoOrdersAreAnInversionThoughNoTransactionEverWaited() {
        accountsThenOrders(1);
        accountsThenOrders(2);
        LockOrder.Trail another = order.trail();
        another.took(ORDERS, LockMode.X, "insert into orders values(3)");
        another.took(ACCOUNTS, LockMode.X, "update accounts set b=3");
        another.transactionEnded();

        Edge there = new Edge(ACCOUNT, ORDER);
        Edge back = new Edge(ORDER, ACCOUNT);
        assertThat(order.seen())
                .containsExactly(new Seen(there, 2, Optional.of(back)), new Seen(back, 1, Optional.of(there)));
    }

    @Test
    void aTableThatIsGoneTakesItsOrdersWithIt() {
        accountsThenOrders(1);
        accountsThenOrders(2);

        order.forget(ORDERS);
        assertThat(order.seen()).isEmpty();

        // Another table with the old one's number, in a kind of transaction that the trail has seen before.
        accountsThenOrders(1);
        assertThat(order.seen()).containsExactly(new Seen(new Edge(ACCOUNT, ORDER), 1, Optional.empty()));
    }

    @Test
    void readersThatShareBothTablesCanNotDeadlock() {
        session.took(ACCOUNTS, LockMode.S, "SELECT A");
        session.took(ORDERS, LockMode.S, "SELECT B");
        session.transactionEnded();
        session.took(ORDERS, LockMode.S, "SELECT B");
        session.took(ACCOUNTS, LockMode.S, "SELECT A");
        session.transactionEnded();

        assertThat(order.seen()).hasSize(2).allMatch(seen -> seen.inversion().isEmpty());
    }

    /** A trail leaves out what has not changed since the last transaction; one that is new has nothing to leave out. */
    @Test
    void aTrailCountsAsOneThatIsNewForEachTransaction() {
        LockOrder another = new LockOrder();
        LockTarget.Table[] tables = {ACCOUNTS, ORDERS, new LockTarget.Table(1, 77)};
        String[] texts = {"UPDATE A SET B = 1", "INSERT INTO C VALUES(1)"};
        Random random = new Random(Long.getLong("seed", 1));
        for (int i = 0; i < 20_000; i++) {
            LockOrder.Trail fresh = another.trail();
            int length = random.nextInt(4);
            for (int j = 0; j < length; j++) {
                LockTarget.Table table = tables[random.nextInt(tables.length)];
                LockMode mode = random.nextInt(4) == 0 ? LockMode.S : LockMode.X;
                String text = texts[random.nextInt(texts.length)];
                session.took(table, mode, text);
                fresh.took(table, mode, text);
            }
            session.transactionEnded();
            fresh.transactionEnded();
            if (random.nextInt(1_000) == 0) {
                order.forget(ORDERS);
                another.forget(ORDERS);
            }
        }

        assertThat(order.seen()).hasSizeGreaterThan(20).containsExactlyInAnyOrderElementsOf(another.seen());
    }

    @Test
    void aTableThatIsTakenAgainKeepsItsPlaceAndTheStrongerMode() {
        session.took(ACCOUNTS, LockMode.S, "SELECT A");
        session.took(ORDERS, LockMode.X, "UPDATE B");
        session.took(ACCOUNTS, LockMode.X, "UPDATE A");
        session.transactionEnded();

        assertThat(order.seen())
                .extracting(Seen::edge)
                .containsExactly(new Edge(new Step(ACCOUNTS, true, "SELECT A"), new Step(ORDERS, true, "UPDATE B")));
    }

    @Test
    void aTransactionOfManyTablesCountsTheFirstSixteen() {
        for (int i = 0; i < LockOrder.TABLES + 4; i++) {
            session.took(new LockTarget.Table(3, i), LockMode.X, "UPDATE");
        }
        session.transactionEnded();

        assertThat(order.seen()).hasSize(LockOrder.TABLES * (LockOrder.TABLES - 1) / 2);
    }

    private void accountsThenOrders(int value) {
        session.took(ACCOUNTS, LockMode.X, "UPDATE accounts SET b=" + value);
        session.took(ORDERS, LockMode.X, "INSERT INTO orders VALUES(" + value + ")");
        session.transactionEnded();
    }
}
