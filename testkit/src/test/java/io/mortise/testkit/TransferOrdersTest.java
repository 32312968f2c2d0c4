package io.mortise.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.testkit.Interleavings.Script;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/** Two transfers that cross, in every order in which their statements can meet. */
@Timeout(120)
final class TransferOrdersTest {
    private static final Interleavings TRANSFERS = Interleavings.of(
                    Script.of(
                            "a",
                            "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1",
                            "UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 2",
                            "COMMIT"),
                    Script.of(
                            "b",
                            "UPDATE ACCOUNTS SET BALANCE = BALANCE - 20 WHERE ID = 2",
                            "UPDATE ACCOUNTS SET BALANCE = BALANCE + 20 WHERE ID = 1",
                            "COMMIT"))
            .on(
                    "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)",
                    "INSERT INTO ACCOUNTS VALUES (1, 100), (2, 100)")
            .in(EngineDatabase::open);

    @TestFactory
    Stream<DynamicTest> noOrderLosesMoneyOrBothTransfers() {
        return TRANSFERS.check(run -> {
            assertThat(run.finished("a") || run.finished("b")).isTrue();
            run.database()
                    .expectRows("SELECT SUM(BALANCE) FROM ACCOUNTS", "200")
                    .expectNobodyWaits();
        });
    }

    @Test
    void onlyOrdersInWhichBothBeginBeforeOneEndsDeadlock() {
        TRANSFERS.forEach(run -> {
            String order = String.join("", run.order());
            boolean oneAfterTheOther = order.startsWith("aaa") || order.startsWith("bbb");
            boolean bothBeganFirst = order.startsWith("ab") || order.startsWith("ba");
            assertThat(run.finished("a") && run.finished("b")).as(order).isEqualTo(oneAfterTheOther || !bothBeganFirst);
        });
    }

    @Test
    void anOrderThatFailsIsNamed() {
        assertThatThrownBy(() -> TRANSFERS.forEach(run -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("In the order a a a b b b: no");
    }
}
