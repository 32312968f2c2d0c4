package io.mortise.engine.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CutTest {
    @Test
    void aTextThatFitsIsKeptWhole() {
        assertThat(Cut.of("x".repeat(100), 100)).isEqualTo("x".repeat(100));
        assertThat(Cut.of("é".repeat(50), 100)).isEqualTo("é".repeat(50));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "é", "€", "😀", "x€", "😀é"})
    void aLongerOneIsItsBeginningInAsManyBytesAsAreLeft(String unit) {
        String cut = Cut.of(unit.repeat(1000), 100);

        assertThat(cut.getBytes(StandardCharsets.UTF_8)).hasSizeBetween(90, 100);
        assertThat(cut).endsWith("…");
        assertThat(unit.repeat(1000)).startsWith(cut.substring(0, cut.length() - 1));
    }
}
