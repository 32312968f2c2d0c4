package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleavings;
import io.mortise.testkit.Interleavings.Script;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One transaction works on the child's side of a foreign key, one on the parent's, in every order in which their
 * statements can meet. What comes of it is what comes of the one after the other in plain H2, in one order or the
 * other; if one of them is told to give way (40001), of the other alone.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
final class ForeignKeyOrdersTest {
    private static final List<String> ACTIONS = List.of("NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT");
    private static final String CHILD = "1";
    private static final String PARENT = "2";
    private static final String LOOK = "SELECT (SELECT COUNT(*) FROM PARENT), (SELECT COUNT(*) FROM CHILD)";

    /** What was left in the tables, and the error of each side; empty if it was committed. */
    private record Outcome(List<String> content, Optional<String> child, Optional<String> parent) {
        boolean gaveWay() {
            return child.equals(Optional.of("40001")) || parent.equals(Optional.of("40001"));
        }

        boolean goesOn() {
            return child.isEmpty() || parent.isEmpty();
        }
    }

    static Stream<Arguments> ofPrimaryKeysAndSomeOfTheOthers() {
        return Stream.of(Reference.values())
                .flatMap(reference -> reference == Reference.PRIMARY_KEY
                        ? Stream.of("READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SNAPSHOT", "SERIALIZABLE")
                                .map(level -> Arguments.of(reference, "mvcc", level))
                        : Stream.of(Arguments.of(reference, "mvcc", "READ COMMITTED")));
    }

    static Stream<Arguments> ofAll() {
        return Stream.of(Reference.values())
                .flatMap(reference -> Stream.of("mvcc", "kognitio", "sqream")
                        .flatMap(policy -> Stream.of(
                                        "READ UNCOMMITTED",
                                        "READ COMMITTED",
                                        "REPEATABLE READ",
                                        "SNAPSHOT",
                                        "SERIALIZABLE")
                                .map(level -> Arguments.of(reference, policy, level))));
    }

    @ParameterizedTest
    @MethodSource("ofPrimaryKeysAndSomeOfTheOthers")
    void everyOrderComesToOneAfterTheOther(Reference reference, String policy, String level) {
        play(reference, policy, level);
    }

    @Tag("nightly")
    @ParameterizedTest
    @MethodSource("ofAll")
    void everyOrderComesToOneAfterTheOtherWhereverItIs(Reference reference, String policy, String level) {
        play(reference, policy, level);
    }

    /** Nor does an update of the parent that leaves its key alone wait for them, or they for it. */
    @ParameterizedTest
    @EnumSource
    void childrenOfOneParentDoNotWaitForEachOther(Reference reference) {
        try (Cast cast = new EngineCast()) {
            reference.create(cast, "CASCADE");
            reference.fill(cast);
            ends(cast, "parent", reference.unrelated);
            for (int i = 0; i < 8; i++) {
                // Each a child of its own, of the same parent: 1 or 11 is the number in the statement.
                String insert =
                        reference.childStatements.get(0).replaceFirst("VALUES \\(1+,", "VALUES (" + (100 + i) + ",");
                ends(cast, "child " + i, insert);
            }
            ends(cast, "parent", reference.unrelated.replace("NOTE + 1", "NOTE + 2"));
            assertThat(cast.aside("SELECT COUNT(*) FROM SYS.LOCKS WHERE STATUS = 'PENDING'"))
                    .containsExactly("0");
        }
    }

    private static void ends(Cast cast, String session, String sql) {
        Cast.Line line = cast.run(session, sql);
        assertThat(line.isOver()).as("%s: %s has ended", session, sql).isTrue();
        assertThat(line.changed()).as("%s: %s", session, sql).isEqualTo(1);
    }

    private static void play(Reference reference, String policy, String level) {
        try (Cast cast = new EngineCast("LOCK_POLICY=" + policy);
                Cast plain = new PlainCast()) {
            for (String action : ACTIONS) {
                reference.create(cast, action);
                reference.create(plain, action);
                meetings(reference)
                        .map(meeting -> new Meeting(reference, cast, plain, level, meeting.get(0), meeting.get(1)))
                        .forEach(meeting -> meeting.playAll(action));
            }
        }
    }

    /** Each statement of the child's side with each of the parent's. */
    private static Stream<List<String>> meetings(Reference reference) {
        return reference.childStatements.stream()
                .flatMap(child -> Stream.concat(reference.parentStatements.stream(), Stream.of(reference.unrelated))
                        .map(parent -> List.of(child, parent)));
    }

    /** Two statements that meet. */
    private record Meeting(Reference reference, Cast cast, Cast plain, String level, String child, String parent) {
        void playAll(String action) {
            List<String> first = List.of(CHILD + " " + child, CHILD + " COMMIT");
            List<String> second = List.of(PARENT + " " + parent, PARENT + " COMMIT");
            Set<Outcome> serial = new HashSet<>(List.of(alone(first, second), alone(second, first)));
            Outcome childOnly = alone(first, List.of());
            Outcome parentOnly = alone(List.of(), second);
            Interleavings.of(script(CHILD, child), script(PARENT, parent))
                    .orders()
                    .forEach(order -> {
                        Outcome outcome = meet(order);
                        String what = "ON DELETE and ON UPDATE %s, at %s, %s / %s, order %s: %s"
                                .formatted(action, level, child, parent, order, outcome);
                        if (outcome.gaveWay()) {
                            assertThat(mayGiveWay()).as(what).isTrue();
                            assertThat(outcome.goesOn()).as(what).isTrue();
                            assertThat(outcome.content())
                                    .as(what)
                                    .isEqualTo((outcome.child().isEmpty() ? childOnly : parentOnly).content());
                        } else {
                            assertThat(serial).as(what).contains(outcome);
                        }
                    });
        }

        /** At the higher levels a look at the tables comes first: it fixes the snapshot, or locks what it sees. */
        private Script script(String session, String statement) {
            return looksFirst()
                    ? Script.of(session, LOOK, statement, "COMMIT")
                    : Script.of(session, statement, "COMMIT");
        }

        private boolean looksFirst() {
            return !level.startsWith("READ");
        }

        /** Without a look there is no snapshot, and one statement each cannot close a circle. */
        private boolean mayGiveWay() {
            return looksFirst();
        }

        private Outcome meet(List<String> order) {
            List<String> steps = new ArrayList<>();
            Map<String, Integer> next = new HashMap<>();
            for (String session : order) {
                List<String> statements =
                        script(session, session.equals(CHILD) ? child : parent).statements();
                steps.add(session + " " + statements.get(next.merge(session, 1, Integer::sum) - 1));
            }
            return play(cast, level, steps);
        }

        private Outcome alone(List<String> first, List<String> second) {
            return play(
                    plain,
                    "READ COMMITTED",
                    Stream.concat(first.stream(), second.stream()).toList());
        }

        private Outcome play(Cast where, String isolation, List<String> steps) {
            reference.fill(where);
            ScriptedRun run = ScriptedRun.of(where, isolation, steps);
            return new Outcome(reference.content(where), run.failure(CHILD), run.failure(PARENT));
        }
    }
}
