package io.mortise.driver.side;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Programs that nobody has thought of, on plain H2 and here, with the engine's own commands and without: all answers
 * are the same.
 */
@Timeout(3600)
final class RandomProgramsTest {
    private static final int STEPS = 150;

    private final long first = Long.getLong("seed", 1);

    @Test
    void theyAreAnsweredAlike() throws SQLException {
        compare(Integer.getInteger("programs", 40));
    }

    @Test
    @Tag("nightly")
    void thousandsOfThemAreAnsweredAlike() throws SQLException {
        compare(Integer.getInteger("programs", 4000));
    }

    private void compare(int programs) throws SQLException {
        for (long seed = first; seed < first + programs; seed++) {
            List<String> plain = run("jdbc:h2:mem:program", seed);
            assertThat(run("jdbc:mortise:h2:mem:program", seed))
                    .as("-Dseed=%d -Dprograms=1", seed)
                    .isEqualTo(plain);
            assertThat(run("jdbc:mortise:h2:mem:program;OWN_COMMAND=FALSE", seed))
                    .as("-Dseed=%d -Dprograms=1, without own commands", seed)
                    .isEqualTo(plain);
        }
    }

    private static List<String> run(String url, long seed) throws SQLException {
        try (RandomProgram program = new RandomProgram(url, seed)) {
            return program.run(STEPS);
        }
    }
}
