package io.mortise.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.testkit.DeadlockScript.Line;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DeadlockScriptTest {
    @Test
    void aScriptIsReadLineByLine() {
        DeadlockScript script = DeadlockScript.parse("""
                a: UPDATE T SET A = 1 WHERE ID = 1
                b: UPDATE T SET A = '?-- waits for' WHERE ID = 2
                a: UPDATE T SET A = 1 WHERE ID = 2 -- waits for b, EX ROW on PUBLIC.T(ID=2)
                b: UPDATE T SET A = 1 WHERE ID = 1 -- waits for a, EX ROW on PUBLIC.T(ID=1)
                -- deadlock, victim b
                """);

        assertThat(script.lines())
                .containsExactly(
                        line("a", "UPDATE T SET A = 1 WHERE ID = 1", ""),
                        line("b", "UPDATE T SET A = '?-- waits for' WHERE ID = 2", ""),
                        line("a", "UPDATE T SET A = 1 WHERE ID = 2", "b"),
                        line("b", "UPDATE T SET A = 1 WHERE ID = 1", "a"));
        assertThat(script.victim()).isEqualTo("b");
    }

    @Test
    void whoMightHaveGivenWayAsWellIsRead() {
        String steps = "a: UPDATE T SET A = 1\nb: UPDATE T SET A = 1 -- waits for a\n-- deadlock, victim b";

        assertThat(DeadlockScript.parse(steps).alike()).isEmpty();
        assertThat(DeadlockScript.parse(steps + " (a has done as much)").alike())
                .containsExactly("a");
        assertThat(DeadlockScript.parse(steps + " (a, c have done as much)").alike())
                .containsExactly("a", "c");
    }

    private static Line line(String session, String sql, String waitsFor) {
        return new Line(session, sql, List.of(), Optional.of(waitsFor).filter(name -> !name.isEmpty()));
    }

    @Test
    void valuesBehindAStatementComeIntoIt() {
        DeadlockScript script = DeadlockScript.parse("""
                a: UPDATE T SET A = ?, B = '?' WHERE ID = ? {1: 'x, 2: {1: y', 2: 7}
                b: UPDATE T SET A = ? WHERE ID = ? {1: NULL, 2: DATE '2026-11-29'} -- waits for a, EX ROW on PUBLIC.T(ID=7)
                -- deadlock, victim b
                """);

        assertThat(script.lines())
                .extracting(Line::sql)
                .containsExactly(
                        "UPDATE T SET A = 'x, 2: {1: y', B = '?' WHERE ID = 7",
                        "UPDATE T SET A = NULL WHERE ID = DATE '2026-11-29'");
    }

    @Test
    void aValueTooManyOrTooFewIsRefused() {
        DeadlockScript script = DeadlockScript.parse("""
                a: UPDATE T SET A = ? WHERE ID = 1
                b: UPDATE T SET A = 1 -- waits for a
                -- deadlock, victim b
                """);

        assertThatThrownBy(() -> script.with(1)).hasMessageStartingWith("step 1 has 1 question marks, not 0");
        assertThatThrownBy(() -> script.with(2, 5)).hasMessageStartingWith("step 2 has 0 question marks, not 1");
        assertThatThrownBy(() -> script.with(3, 5)).hasMessage("the script has steps 1 to 2, not 3");
    }

    @Test
    void whatIsNoScriptIsRefused() {
        assertThatThrownBy(() -> DeadlockScript.parse("UPDATE T SET A = 1"))
                .hasMessage("not a step of a script: UPDATE T SET A = 1");
        assertThatThrownBy(() -> DeadlockScript.parse("a: SELECT 1"))
                .hasMessageStartingWith("a script of a deadlock ends with a step that waits");
        assertThatThrownBy(() -> DeadlockScript.parse("a: SELECT 1 -- waits for b"))
                .hasMessageStartingWith("no victim is named");
    }
}
