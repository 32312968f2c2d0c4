package io.mortise.driver.integrity;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Statements of several sessions, run in a given order. One whose session waits when its turn comes is run as soon as
 * the session can; a session whose statement fails is rolled back, and runs no more. For the test's thread only.
 */
final class ScriptedRun {
    /** One statement, and whose it is: {@code "1 UPDATE TEST SET V = 11"}. */
    private record Turn(String session, String sql) {
        static Turn of(String step) {
            int space = step.indexOf(' ');
            return new Turn(step.substring(0, space), step.substring(space + 1));
        }
    }

    private final Cast cast;
    private final Map<String, List<Cast.Line>> lines = new LinkedHashMap<>();
    private final Map<String, String> failed = new HashMap<>();
    private final Set<String> committed = new LinkedHashSet<>();

    private ScriptedRun(Cast cast) {
        this.cast = cast;
    }

    static ScriptedRun of(Cast cast, String level, List<String> steps) {
        ScriptedRun run = new ScriptedRun(cast);
        List<Turn> turns = steps.stream().map(Turn::of).toList();
        turns.stream().map(Turn::session).distinct().forEach(session -> run.enter(session, level));
        run.playAll(turns);
        run.lines.keySet().forEach(session -> cast.run(session, "ROLLBACK"));
        return run;
    }

    /** Did the session get to its COMMIT, past it, and without an error? */
    boolean committed(int... sessions) {
        for (int session : sessions) {
            if (!committed.contains(String.valueOf(session))) {
                return false;
            }
        }
        return true;
    }

    boolean committed(String session) {
        return committed.contains(session);
    }

    /** The error that ended the session's transaction. */
    Optional<String> failure(String session) {
        return Optional.ofNullable(failed.get(session));
    }

    /** What the queries of a session gave, in order; of one that failed nothing counts. */
    List<List<String>> reads(int session) {
        return ended(session).stream()
                .filter(line -> line.changed() < 0)
                .map(Cast.Line::rows)
                .toList();
    }

    /** How many rows the session's statements changed, in order; of one that failed nothing counts. */
    List<Long> changes(int session) {
        return ended(session).stream()
                .map(Cast.Line::changed)
                .filter(rows -> rows >= 0)
                .toList();
    }

    private List<Cast.Line> ended(int session) {
        String name = String.valueOf(session);
        return failed.containsKey(name) ? List.of() : lines.getOrDefault(name, List.of());
    }

    private void enter(String session, String level) {
        cast.run(session, "SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL " + level);
        cast.run(session, "COMMIT");
        lines.put(session, new ArrayList<>());
    }

    private void playAll(List<Turn> turns) {
        List<Turn> due = new ArrayList<>();
        for (Turn turn : turns) {
            due.add(turn);
            playDue(due);
        }
        if (!due.isEmpty()) {
            throw new AssertionError("Everybody waits, and nobody was told to give way: " + due);
        }
    }

    private void playDue(List<Turn> due) {
        Optional<Turn> next = firstThatCan(due);
        while (next.isPresent()) {
            due.remove(next.get());
            play(next.get());
            next = firstThatCan(due);
        }
    }

    private Optional<Turn> firstThatCan(List<Turn> due) {
        return due.stream().filter(turn -> !cast.isWaiting(turn.session)).findFirst();
    }

    private void play(Turn turn) {
        giveUpWhatFailed();
        if (failed.containsKey(turn.session)) {
            return;
        }
        Cast.Line line = cast.run(turn.session, turn.sql);
        boolean isRefused = turn.sql.equals("COMMIT") && line.hasFailed();
        if (turn.sql.equals("COMMIT") && !isRefused) {
            committed.add(turn.session);
        } else if (!turn.sql.equals("ROLLBACK")) {
            Objects.requireNonNull(lines.get(turn.session)).add(line);
        }
        giveUpWhatFailed();
    }

    /** Rolls back whoever has failed, also because of what another did, so that the others can go on. */
    private void giveUpWhatFailed() {
        lines.forEach((session, given) -> {
            Cast.Line last = given.isEmpty() ? null : given.get(given.size() - 1);
            if (last != null && last.hasFailed() && failed.putIfAbsent(session, last.sqlState()) == null) {
                cast.run(session, "ROLLBACK");
                giveUpWhatFailed();
            }
        });
    }
}
