package io.mortise.compat.jobs;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many threads that do the same at once, and what came of it. */
final class Crowd {
    private Crowd() {}

    /** One attempt of one thread. */
    interface Attempt {
        void run(int thread, int round) throws Exception;
    }

    /**
     * What came of all attempts. Immutable.
     *
     * @param failures how often each failure came, by its text
     */
    record Result(int successes, Map<String, Integer> failures) {}

    /** Begins on all threads together, and waits for all. */
    static Result of(int threads, int rounds, Attempt attempt) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CyclicBarrier start = new CyclicBarrier(threads);
        try {
            List<Callable<List<String>>> tasks = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                tasks.add(() -> {
                    start.await();
                    return failures(thread, rounds, attempt);
                });
            }
            Map<String, Integer> failures = new TreeMap<>();
            for (Future<List<String>> task : pool.invokeAll(tasks)) {
                task.get().forEach(failure -> failures.merge(failure, 1, Integer::sum));
            }
            int failed = failures.values().stream().mapToInt(Integer::intValue).sum();
            return new Result(threads * rounds - failed, failures);
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<String> failures(int thread, int rounds, Attempt attempt) {
        List<String> failures = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            try {
                attempt.run(thread, round);
            } catch (Exception | AssertionError e) {
                Throwable root = e;
                while (root.getCause() != null && root.getCause() != root) {
                    root = root.getCause();
                }
                failures.add(e.getClass().getSimpleName() + " / "
                        + String.valueOf(root.getMessage())
                                .lines()
                                .findFirst()
                                .orElse("")
                                .replaceAll("\\d+", "n"));
            }
        }
        return failures;
    }
}
