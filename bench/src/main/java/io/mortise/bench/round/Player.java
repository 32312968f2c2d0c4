package io.mortise.bench.round;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * One competitor in a process of its own. It plays a round for each line that it reads, the length in nanoseconds, and
 * answers with the round, or with why there are no more.
 */
public final class Player {
    /** Begins an answer: whatever else a database prints is not meant. */
    static final String ROUND = "round ";

    static final String OVER = "over ";

    private Player() {}

    /** Until the input ends. */
    public static void play(Arena arena, PrintStream answers) throws Exception {
        try (arena;
                BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answers.println(answer(arena, Long.parseLong(line)));
                answers.flush();
            }
        }
    }

    private static String answer(Arena arena, long nanos) throws Exception {
        try {
            return ROUND + RoundText.of(arena.round(nanos));
        } catch (TimeoutException e) {
            return OVER + "hangs";
        } catch (ExecutionException | IllegalStateException e) {
            return OVER + String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        }
    }

    /** What a player has answered. */
    static Round read(String answer) throws IOException {
        if (answer.startsWith(ROUND)) {
            return RoundText.read(answer.substring(ROUND.length()));
        }
        throw new IOException(answer.substring(OVER.length()));
    }

    static boolean isAnswer(String line) {
        return line.startsWith(ROUND) || line.startsWith(OVER);
    }
}
