import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Says every 20 seconds that Maven is at work, while nobody else does: javac prints nothing until it has ended, and
 * {@code -ntp} hides downloads. A Java process that Maven has started, for tests or a program, speaks for itself. Ends
 * with Maven, or once Maven rests.
 */
final class StillAtWork {
    private static final int SECONDS = 20;
    private static final int MOST_RESTS = 6;

    public static void main(String[] arguments) throws InterruptedException, ExecutionException {
        ProcessHandle maven = ProcessHandle.current().parent().orElse(null);
        if (maven == null) {
            return;
        }
        Duration before = spent(maven);
        int rests = 0;
        for (int after = SECONDS; rests < MOST_RESTS && !hasEnded(maven); after += SECONDS) {
            Duration now = spent(maven);
            long worked = Math.max(0, now.minus(before).toMillis());
            before = now;
            if (hasProgram(maven)) {
                rests = 0;
            } else if (worked >= 100) {
                rests = 0;
                System.out.printf(
                        Locale.ROOT,
                        "[INFO] Still at work after %d s: %.1f s of processor time in the last %d s%n",
                        after,
                        worked / 1000.0,
                        SECONDS);
            } else {
                rests++;
            }
        }
    }

    private static boolean hasEnded(ProcessHandle maven) throws InterruptedException, ExecutionException {
        try {
            maven.onExit().get(SECONDS, TimeUnit.SECONDS);
            return true;
        } catch (TimeoutException atWork) {
            return false;
        }
    }

    private static boolean hasProgram(ProcessHandle maven) {
        long self = ProcessHandle.current().pid();
        return maven.descendants()
                .filter(one -> one.pid() != self)
                .flatMap(one -> one.info().command().stream())
                .anyMatch(command -> command.matches(".*[/\\\\]java(\\.exe)?"));
    }

    /** Maven and its compilers. */
    private static Duration spent(ProcessHandle maven) {
        Duration own = maven.info().totalCpuDuration().orElse(Duration.ZERO);
        return maven.descendants()
                .map(one -> one.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(own, Duration::plus);
    }
}
