package io.mortise.engine.journal.report;

import static io.mortise.engine.scene.Scene.ACCOUNTS;
import static io.mortise.engine.scene.Scene.BOB;
import static io.mortise.engine.scene.Scene.EVE;
import static io.mortise.engine.scene.Scene.NAMES;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.virtual.Reader;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class SightTest {
    private static final LockTarget NAME = new LockTarget.Name("payroll");
    private static final LockTarget KEY = new LockTarget.UniqueKey(ACCOUNTS, 7, "EMAIL='x'");

    @Test
    void whoMayNotReadTheTableDoesNotSeeItsKeys() {
        Sight eve = Sight.of(EVE, NAMES);

        assertThat(eve.name(ROW_1, "SA").text()).isEqualTo("PUBLIC.ACCOUNTS(hidden)");
        assertThat(eve.ofKey(KEY, "SA")).isFalse();
        assertThat(eve.name(ACCOUNTS, "SA").text()).isEqualTo("PUBLIC.ACCOUNTS");
        assertThat(eve.name(NAME, "SA").text()).isEqualTo("(hidden)");
        assertThat(eve.ofStatements("SA")).isFalse();
    }

    @Test
    void whoHasALockOnItDoes() {
        Sight eve = Sight.of(EVE, NAMES);

        assertThat(eve.name(ROW_1, "SA", "EVE").text()).isEqualTo("PUBLIC.ACCOUNTS(ID=1)");
        assertThat(eve.ofKey(NAME, "EVE")).isTrue();
    }

    @Test
    void whoMayReadTheTableSeesItsKeysAndNoOthers() {
        Sight bob = Sight.of(BOB, NAMES);

        assertThat(bob.name(ROW_1, "SA").text()).isEqualTo("PUBLIC.ACCOUNTS(ID=1)");
        assertThat(bob.ofKey(NAME, "SA")).isFalse();
    }

    @Test
    void aNewTableThatHasGotTheNumberOfAnOldOneDoesNotShowTheKeysOfThatOne() {
        Reader eve = new Reader(8, "EVE", false, 1, table -> OptionalLong.of(50));

        assertThat(Sight.of(eve, NAMES, 49).ofKey(ROW_1, "SA")).isFalse();
        assertThat(Sight.of(eve, NAMES, 50).ofKey(ROW_1, "SA")).isTrue();
    }

    @Test
    void nobodyIsNotAnOwner() {
        assertThat(Sight.withoutKeys(NAMES).ofKey(ROW_1, "")).isFalse();
        assertThat(Sight.ofAll(NAMES).ofKey(ROW_1, "")).isTrue();
    }

    @Test
    void aDeadlocksTextsAndGraphsHideKeys() {
        Sight eve = Sight.of(EVE, NAMES);

        assertThat(new LockMessages(eve).deadlock(crossedTransfers()))
                .contains("PUBLIC.ACCOUNTS(hidden)")
                .doesNotContain("ID=");
        assertThat(new DeadlockGraph(crossedTransfers(), eve).dot())
                .contains("PUBLIC.ACCOUNTS(hidden)")
                .doesNotContain("ID=");
        assertThat(new DeadlockGraph(crossedTransfers(), eve).json())
                .contains("PUBLIC.ACCOUNTS(hidden)")
                .doesNotContain("ID=");
    }
}
