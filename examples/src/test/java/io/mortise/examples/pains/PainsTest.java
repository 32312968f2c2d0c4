package io.mortise.examples.pains;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the six pains tell is what somebody has read aloud and found good: the file beside this test. */
@Timeout(60)
final class PainsTest {
    @Test
    void everyMessageIsTheOneThatWasReadAloud() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Pains.play(new PrintStream(bytes, true, UTF_8));

        assertThat(withoutAccidents(bytes.toString(UTF_8))).isEqualTo(golden());
    }

    private static String golden() throws Exception {
        try (InputStream file = Objects.requireNonNull(PainsTest.class.getResourceAsStream("pains.txt"))) {
            return new String(file.readAllBytes(), UTF_8).replace("\r", "");
        }
    }

    /**
     * Numbers that stand alone are another each time, but for the ones that were written so; and so is how columns
     * align.
     */
    static String withoutAccidents(String told) {
        return told.replace("\r", "")
                .replaceAll("\\d+ms\\b", "#ms")
                .replaceAll("(?<![A-Za-z0-9_=(.#-])(?<!ID = )(?<!ABORT = )\\d+(?: \\d{3}(?!\\d))*(?!\\w|\\.\\d)", "#")
                .replaceAll("pains\\.Pains\\S*\\(", "pains.Pains(…)(") // The method a waiting thread stands in.
                .replaceAll("(?<=\\S) {2,}", "  ");
    }
}
