package io.mortise.engine.storage.waiting;

import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.NAMES;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static io.mortise.engine.scene.Scene.statement;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.error.DeadlockException;
import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.DeadlockReport.Member;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the victim of a deadlock is told, made late, is what it would have been told at once. */
final class DeadlockWordsTest {
    private final StatementRecord credit =
            statement(41, FIVE, "SA", "UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1", "report-1");
    private final StatementRecord debit =
            statement(42, SEVEN, "BOB", "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2", "http-12");

    private boolean isLater;

    /** The names of the moment: later the table is another one. */
    private final TargetNames names =
            target -> isLater ? new TargetNames.Name("PUBLIC", "RENAMED", 99, "_ROWID_=77", 1) : NAMES.of(target);

    private Reader reader(String user, boolean isAdmin, boolean mayRead) {
        return new Reader(
                7,
                new UserName(user),
                isAdmin,
                1,
                table -> mayRead == isLater ? OptionalLong.empty() : OptionalLong.of(0));
    }

    /** The transfers that cross, in statements whose threads are these tests' own. */
    private DeadlockReport crossed() {
        DeadlockReport crossed = crossedTransfers();
        return new DeadlockReport(
                crossed.id(),
                crossed.atNanos(),
                crossed.members().stream().map(this::inOwnThread).toList(),
                crossed.victim());
    }

    private Member inOwnThread(Member member) {
        Party party = member.party();
        LockRow wait = member.waitsFor();
        StatementRecord statement = party.owner().equals(FIVE) ? credit : debit;
        return new Member(
                new Party(
                        party.owner(),
                        party.user(),
                        statement,
                        party.idleNanos(),
                        party.startNanos(),
                        party.priority(),
                        party.rowsChanged(),
                        List.of(new StackTraceElement("com.acme.Report", "send", "Report.java", 88)),
                        party.standing()),
                wait,
                member.edge());
    }

    @ParameterizedTest
    @CsvSource({
        "SA, true, false",
        "BOB, false, true",
        "BOB, false, false",
        "EVE, false, true",
        "EVE, false, false",
    })
    void whatBecomesOfRightsNamesAndThreadsChangesNoWord(String user, boolean isAdmin, boolean mayRead) {
        Reader reader = reader(user, isAdmin, mayRead);
        DeadlockException atOnce = new DeadlockWords(crossed(), Sight.of(reader, names)).get();
        String text = new LockMessages(Sight.of(reader, names)).deadlock(crossed());
        DeadlockWords words = new DeadlockWords(crossed(), Sight.of(reader, names));

        isLater = true;
        credit.thread().setName("renamed-1");
        debit.thread().setName("renamed-2");
        DeadlockException late = words.get();

        assertThat(late.getMessage()).isEqualTo(text).isEqualTo(atOnce.getMessage());
        assertThat(late.report()).isEqualTo(atOnce.report());
        assertThat(late.getMessage()).doesNotContain("RENAMED", "renamed", "77");
        boolean isHidden = !isAdmin && !user.equals("BOB");
        assertThat(text.contains(credit.sql())).isEqualTo(isAdmin);
        assertThat(text.contains(LockMessages.HIDDEN)).isEqualTo(!isAdmin);
        assertThat(text.contains(debit.sql())).isEqualTo(!isHidden);
    }

    @Test
    void theyAreMadeOnceAndAreAboutAsLongAsIsSaid() {
        DeadlockWords words = new DeadlockWords(crossed(), Sight.ofAll(NAMES));

        assertThat((Throwable) words.get()).isSameAs(words.get());
        assertThat(words.characters())
                .isBetween(
                        String.valueOf(words.get().getMessage()).length() / 2,
                        2 * String.valueOf(words.get().getMessage()).length());
    }

    @Test
    void oneTargetOfTwoMembersIsNamedOnce() {
        int[] asked = {0};
        TargetNames counting = target -> {
            asked[0]++;
            return NAMES.of(target);
        };
        DeadlockReport crossed = crossed();
        LockTarget first = crossed.members().get(0).waitsFor().target();

        Sight settled = Sight.ofAll(counting).settled(crossed);
        int before = asked[0];

        assertThat(settled.name(first)).isEqualTo(NAMES.of(first));
        assertThat(asked[0]).isEqualTo(before);
    }
}
