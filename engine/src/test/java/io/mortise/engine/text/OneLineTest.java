package io.mortise.engine.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class OneLineTest {
    @Test
    void aNameCannotEndALine() {
        assertThat(OneLine.of("a\nb\r\nc\td\u001b[31m\u2028e\u0085f"))
                .isEqualTo("a\\nb\\r\\nc\\td\\u001b[31m\\u2028e\\u0085f");
        assertThat(OneLine.of("\u202egnp.exe\u2066")).isEqualTo("\\u202egnp.exe\\u2066");
    }

    @Test
    void anOrdinaryNameIsTheVerySameObject() {
        String name = "Müller & Søn \\ 🙂";

        assertThat(OneLine.of(name)).isSameAs(name);
    }

    @Test
    void aLongTextIsCut() {
        assertThat(OneLine.of("abcdef", 3)).isEqualTo("abc…");
        assertThat(OneLine.of("abc", 3)).isEqualTo("abc");
    }

    @Test
    void sqlIsPutIntoOneLine() {
        assertThat(OneLine.ofSql("  SELECT 1,\n      2\r\n  FROM  T \u0000 ")).isEqualTo("SELECT 1, 2 FROM  T \\u0000");
    }

    @Test
    void aMillionBlanksAreReadOnce() {
        String blanks = " ".repeat(1_000_000);

        assertThat(OneLine.ofSql("SELECT" + blanks + "1\n" + blanks + "2")).hasSize(1_000_009);
    }
}
