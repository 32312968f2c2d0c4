package io.mortise.engine.journal.report;

import static io.mortise.engine.scene.Scene.ACCOUNTS;
import static io.mortise.engine.scene.Scene.BOB;
import static io.mortise.engine.scene.Scene.EVE;
import static io.mortise.engine.scene.Scene.NAMES;
import static io.mortise.engine.scene.Scene.ROW_1;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class SightTest {
    private static final LockTarget NAME = new LockTarget.Name("payroll");
    private static final LockTarget KEY = new LockTarget.UniqueKey(ACCOUNTS, 7, "EMAIL='x'");

    @Test
    void whoMayNotReadTheTableDoesNotSeeItsKeys() {
        Sight eve = Sight.of(EVE, NAMES);

        assertThat(eve.name(ROW_1, new UserName("SA")).text()).isEqualTo("PUBLIC.ACCOUNTS(hidden)");
        assertThat(eve.ofKey(KEY, new UserName("SA"))).isFalse();
        assertThat(eve.name(ACCOUNTS, new UserName("SA")).text()).isEqualTo("PUBLIC.ACCOUNTS");
        assertThat(eve.name(NAME, new UserName("SA")).text()).isEqualTo("(hidden)");
        assertThat(eve.ofStatements(new UserName("SA"))).isFalse();
    }

    @Test
    void whoHasALockOnItDoes() {
        Sight eve = Sight.of(EVE, NAMES);

        assertThat(eve.name(ROW_1, new UserName("SA"), new UserName("EVE")).text())
                .isEqualTo("PUBLIC.ACCOUNTS(ID=1)");
        assertThat(eve.ofKey(NAME, new UserName("EVE"))).isTrue();
    }

    @Test
    void whoMayReadTheTableSeesItsKeysAndNoOthers() {
        Sight bob = Sight.of(BOB, NAMES);

        assertThat(bob.name(ROW_1, new UserName("SA")).text()).isEqualTo("PUBLIC.ACCOUNTS(ID=1)");
        assertThat(bob.ofKey(NAME, new UserName("SA"))).isFalse();
    }

    @Test
    void aNewTableThatHasGotTheNumberOfAnOldOneDoesNotShowTheKeysOfThatOne() {
        Reader eve = new Reader(8, new UserName("EVE"), false, 1, table -> OptionalLong.of(50));

        assertThat(Sight.of(eve, NAMES, 49).ofKey(ROW_1, new UserName("SA"))).isFalse();
        assertThat(Sight.of(eve, NAMES, 50).ofKey(ROW_1, new UserName("SA"))).isTrue();
    }

    @Test
    void nobodyIsNotAnOwner() {
        assertThat(Sight.withoutKeys(NAMES).ofKey(ROW_1, UserName.NONE)).isFalse();
        assertThat(Sight.ofAll(NAMES).ofKey(ROW_1, UserName.NONE)).isTrue();
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
