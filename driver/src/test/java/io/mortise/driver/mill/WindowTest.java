package io.mortise.driver.mill;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.driver.mill.Deed.Clear;
import io.mortise.driver.mill.Deed.Exists;
import io.mortise.driver.mill.Deed.Outside;
import io.mortise.driver.mill.Deed.Read;
import io.mortise.driver.mill.Deed.Write;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each thing that can be wrong with a window is found, and nothing in one that is right. Rows 0 and 1 are 1 and 2. */
final class WindowTest {
    private static Past past(Deed... deeds) {
        return new Past(0, 100, List.of(deeds));
    }

    private static Write overwrites(int row, int version, int previous) {
        return new Write(row, version, previous, false, 0);
    }

    private static Write removes(int row, int version, int previous) {
        return new Write(row, version, previous, true, 0);
    }

    private static Write inserts(int row, int version, long at) {
        return new Write(row, version, 0, false, at);
    }

    private static String wrong(int now0, int now1, Past... all) {
        return new Window(List.of(all), new int[] {1, 2}, new int[] {now0, now1}).wrong();
    }

    @Test
    void oneAfterAnotherIsRight() {
        Past first = new Past(0, 10, List.of(new Read(0, 1), overwrites(0, 11, 1), removes(1, 12, 2)));
        Past second = new Past(20, 30, List.of(new Read(0, 11), new Read(1, 0), inserts(1, 13, 25)));
        Past third = new Past(40, 50, List.of(new Exists(1), new Read(1, 13)));

        assertThat(wrong(11, 13, first, second, third)).isEmpty();
    }

    @Test
    void writeSkewIsACircle() {
        assertThat(wrong(
                        11, 12, past(new Read(0, 1), overwrites(1, 12, 2)), past(new Read(1, 2), overwrites(0, 11, 1))))
                .startsWith("circle");
    }

    @Test
    void writeSkewByAbsenceIsACircle() {
        Window window = new Window(
                List.of(past(new Read(0, 0), inserts(1, 12, 5)), past(new Read(1, 0), inserts(0, 11, 5))),
                new int[] {0, 0},
                new int[] {11, 12});

        assertThat(window.wrong()).startsWith("circle");
    }

    @Test
    void readSkewIsACircle() {
        assertThat(wrong(
                        11,
                        12,
                        past(overwrites(0, 11, 1), overwrites(1, 12, 2)),
                        past(new Read(0, 1), new Read(1, 12))))
                .startsWith("circle");
    }

    @Test
    void aRowMissedAndReadIsACircle() {
        assertThat(wrong(0, 2, past(removes(0, 11, 1)), past(new Read(0, 0), new Read(0, 1))))
                .startsWith("circle");
    }

    @Test
    void aParentThatWentBeforeItsChildCameIsOutOfTime() {
        assertThat(wrong(0, 2, new Past(0, 10, List.of(removes(0, 11, 1))), new Past(20, 30, List.of(new Exists(0)))))
                .startsWith("out of time");
    }

    @Test
    void aReadOfThePastIsACircle() {
        assertThat(wrong(
                        11,
                        2,
                        new Past(0, 10, List.of(overwrites(0, 11, 1))),
                        new Past(20, 30, List.of(new Read(0, 1)))))
                .startsWith("circle");
    }

    private static Clear clears(int row, int version, long from, long at) {
        return new Clear(row, version, from, at);
    }

    @Test
    void whatSomebodyHasClearedIsGone() {
        Past clears = new Past(10, 20, List.of(clears(0, 11, 12, 18), clears(1, 12, 12, 18)));
        Past inserts = new Past(10, 40, List.of(new Read(0, 0), inserts(1, 13, 30)));

        assertThat(wrong(0, 13, clears, inserts)).isEmpty();
    }

    @Test
    void aReaderOfHalfOfWhatWasClearedIsACircle() {
        assertThat(wrong(0, 0, past(clears(0, 11, 5, 9), clears(1, 12, 5, 9)), past(new Read(0, 0), new Read(1, 2))))
                .startsWith("circle");
    }

    @Test
    void whoOfTwoHasClearedIsNotKnown() {
        Past one = past(clears(0, 11, 5, 9), overwrites(1, 12, 2));
        Past other = past(clears(0, 13, 5, 9));
        Past reads = past(new Read(0, 0), new Read(1, 2));

        assertThat(wrong(0, 12, one, other, reads)).isEmpty();
        assertThat(wrong(0, 12, one, past(), reads)).startsWith("circle");
    }

    @Test
    void nobodyClearsWhatCameLater() {
        assertThat(wrong(0, 2, past(clears(0, 11, 1, 3)), past(new Write(0, 12, 1, false, 5))))
                .startsWith("lost");
    }

    @Test
    void aRowThatIsMissedInItsGroupIsACircle() {
        Past moves = past(overwrites(0, 12, 1), overwrites(1, 14, 2)); // Both are in group 0 from then on.

        assertThat(wrong(12, 14, moves, past(new Outside(0, 1), new Read(1, 14))))
                .isEmpty();
        assertThat(wrong(12, 14, moves, past(new Outside(0, 1), new Read(1, 2))))
                .startsWith("circle");
        assertThat(wrong(12, 14, moves, past(new Outside(0, 0), new Read(1, 14))))
                .startsWith("circle");
    }

    @Test
    void twoThatOverwroteTheSameAreALostUpdate() {
        assertThat(wrong(12, 2, past(overwrites(0, 11, 1)), past(overwrites(0, 12, 1))))
                .startsWith("lost update");
    }

    @Test
    void aWriteThatIsGoneIsLost() {
        assertThat(wrong(1, 2, past(overwrites(0, 11, 1)))).startsWith("lost");
    }

    @Test
    void whatNobodyHasCommittedIsG1a() {
        assertThat(wrong(1, 2, past(new Read(0, 99)))).startsWith("G1a");
    }

    @Test
    void whatItsWriterOverwroteItselfIsG1b() {
        assertThat(wrong(12, 2, past(overwrites(0, 11, 1), overwrites(0, 12, 11)), past(new Read(0, 11))))
                .startsWith("G1b");
    }

    @Test
    void aRowThatIsThereTwiceIsFound() {
        assertThat(wrong(11, 2, past(inserts(0, 11, 5)))).startsWith("two of row 0");
    }
}
