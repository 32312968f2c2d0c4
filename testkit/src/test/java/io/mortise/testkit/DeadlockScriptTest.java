package io.mortise.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.testkit.DeadlockScript.Line;
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
                        new Line("a", "UPDATE T SET A = 1 WHERE ID = 1", Optional.empty()),
                        new Line("b", "UPDATE T SET A = '?-- waits for' WHERE ID = 2", Optional.empty()),
                        new Line("a", "UPDATE T SET A = 1 WHERE ID = 2", Optional.of("b")),
                        new Line("b", "UPDATE T SET A = 1 WHERE ID = 1", Optional.of("a")));
        assertThat(script.victim()).isEqualTo("b");
    }

    @Test
    void aScriptWithoutItsValuesSaysWhereToPutThem() {
        assertThatThrownBy(() -> DeadlockScript.parse("a: UPDATE T SET A = ? WHERE ID = 1"))
                .hasMessage("put the values in place of the question marks: a: UPDATE T SET A = ? WHERE ID = 1");
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
