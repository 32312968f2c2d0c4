package io.mortise.driver.leak;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Hundreds and thousands wait for one row, beyond H2's 255 transactions: with the property that the README names, in a
 * process of their own.
 */
@Timeout(900)
final class CrowdTest {
    @Test
    void sixHundredWaitAreSeenAndEndedAndGetOn() throws Exception {
        assertThat(crowd(600)).isZero();
    }

    @Tag("nightly")
    @Test
    void tenThousandToo() throws Exception {
        assertThat(crowd(10_000)).isZero();
    }

    private static int crowd(int many) throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-ea",
                        "-Xmx1g",
                        "-XX:TieredStopAtLevel=1",
                        "-Dh2.maxOpenTransactions=" + (many + 100),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        Crowd.class.getName(),
                        Integer.toString(many))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        System.out.print(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        return process.waitFor();
    }
}
