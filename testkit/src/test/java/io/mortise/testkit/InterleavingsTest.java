package io.mortise.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.testkit.Interleavings.Script;
import java.util.List;
import org.junit.jupiter.api.Test;

final class InterleavingsTest {
    @Test
    void everyOrderOfTwoTimesTwoStatementsIsThereOnce() {
        Interleavings orders = Interleavings.of(Script.of("a", "1", "2"), Script.of("b", "1", "2"));

        assertThat(orders.orders().map(order -> String.join("", order)))
                .containsExactly("aabb", "abab", "abba", "baab", "baba", "bbaa");
    }

    @Test
    void scriptsNeedNotBeOfOneLength() {
        assertThat(Interleavings.of(Script.of("a", "1"), Script.of("b", "1", "2"), Script.of("c"))
                        .orders())
                .containsExactly(List.of("a", "b", "b"), List.of("b", "a", "b"), List.of("b", "b", "a"));
    }

    @Test
    void threeTimesThreeStatementsMeetIn1680Orders() {
        Script[] scripts = {Script.of("a", "1", "2", "3"), Script.of("b", "1", "2", "3"), Script.of("c", "1", "2", "3")
        };

        assertThat(Interleavings.of(scripts).orders().distinct()).hasSize(1680);
    }

    @Test
    void twoScriptsOfOneSessionAreRefused() {
        assertThatThrownBy(() -> Interleavings.of(Script.of("a", "1"), Script.of("a", "2")))
                .hasMessage("two scripts of one session: a");
    }
}
