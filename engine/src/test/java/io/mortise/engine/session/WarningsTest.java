package io.mortise.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WarningsTest {
    private final Warnings warnings = new Warnings();

    @Test
    void theLastOneSaysHowManyMoreThereWere() {
        for (int i = 0; i < 40_000; i++) {
            warnings.add("row " + i, "01000");
        }

        List<String> texts = texts();

        assertThat(texts).hasSize(101).startsWith("row 0", "row 1").element(99).isEqualTo("row 99");
        assertThat(texts.get(100)).isEqualTo("39900 more warnings of this execution were not kept: 100 are.");
    }

    @Test
    void whatIsKeptIsBoundedInBytes() {
        String long2Mb = "x".repeat(2_000_000);
        for (int i = 0; i < 200; i++) {
            warnings.add(long2Mb, "01000");
        }

        long bytes = texts().stream()
                .mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length)
                .sum();

        assertThat(bytes).isLessThanOrEqualTo(101 * 4_096);
    }

    @Test
    void theyAreTakenOnceAndTheNextExecutionCountsAnew() {
        warnings.add("a", "01000");
        assertThat(texts()).containsExactly("a");
        assertThat(texts()).isEmpty();
        for (int i = 0; i < 150; i++) {
            warnings.add("b", "01000");
        }

        warnings.drop();
        warnings.add("c", "01000");

        assertThat(texts()).containsExactly("c");
    }

    private List<String> texts() {
        List<String> texts = new ArrayList<>();
        for (SQLWarning next = warnings.take().orElse(null); next != null; next = next.getNextWarning()) {
            texts.add(next.getMessage());
        }
        return texts;
    }
}
