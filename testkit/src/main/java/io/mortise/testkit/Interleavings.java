package io.mortise.testkit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.opentest4j.AssertionFailedError;

/**
 * Every order in which the statements of several scripts can meet, each run in a fresh database. Immutable.
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> moneyIsNeverLost() {
 *     return Interleavings.of(
 *                     Script.of("a", "UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1",
 *                             "UPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 2", "COMMIT"),
 *                     Script.of("b", "UPDATE ACCOUNTS SET BALANCE = BALANCE - 20 WHERE ID = 2",
 *                             "UPDATE ACCOUNTS SET BALANCE = BALANCE + 20 WHERE ID = 1", "COMMIT"))
 *             .on("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)", "INSERT INTO ACCOUNTS VALUES (1, 100), (2, 100)")
 *             .check(run -> run.database().expectRows("SELECT SUM(BALANCE) FROM ACCOUNTS", "200"));
 * }
 * }</pre>
 *
 * <p>Scripts of m, n, … statements meet in (m + n + …)! / (m! n! …) orders: two scripts of three statements in 20, of
 * five in 252. A statement whose session waits when its turn comes is run as soon as the session can, so some orders
 * come to the same.
 */
public final class Interleavings {
    /**
     * What one session does, statement after statement, in one transaction that a COMMIT of its own ends. Immutable.
     *
     * @param session its name
     */
    public record Script(String session, List<String> statements) {
        public Script {
            statements = List.copyOf(statements);
        }

        public static Script of(String session, String... statements) {
            return new Script(session, List.of(statements));
        }
    }

    private final List<Script> scripts;
    private final List<String> setUp;
    private final Supplier<Interleaving> databases;

    private Interleavings(List<Script> scripts, List<String> setUp, Supplier<Interleaving> databases) {
        this.scripts = scripts;
        this.setUp = setUp;
        this.databases = databases;
    }

    public static Interleavings of(Script... scripts) {
        Set<String> names = new HashSet<>();
        for (Script script : scripts) {
            if (!names.add(script.session())) {
                throw new IllegalArgumentException("two scripts of one session: " + script.session());
            }
        }
        return new Interleavings(List.of(scripts), List.of(), Interleaving::inMemory);
    }

    /** The same, each run beginning with these statements. */
    public Interleavings on(String... statements) {
        return new Interleavings(scripts, List.of(statements), databases);
    }

    /** The same in databases that are made so; each run gets one, and closes it. */
    public Interleavings in(Supplier<Interleaving> source) {
        return new Interleavings(scripts, setUp, source);
    }

    /** The orders, each the names of the sessions in turn, in lexical order of the scripts as given. */
    public Stream<List<String>> orders() {
        List<List<String>> orders = new ArrayList<>();
        extend(new ArrayList<>(), new int[scripts.size()], orders);
        return orders.stream();
    }

    /** A test for each order: for {@code @TestFactory}. */
    public Stream<DynamicTest> check(Consumer<Run> check) {
        return orders().map(order -> DynamicTest.dynamicTest(String.join(" ", order), () -> play(order, check)));
    }

    /** Runs every order, one after another; the first that fails ends it, and is named. */
    public void forEach(Consumer<Run> check) {
        orders().forEach(order -> play(order, check));
    }

    private void play(List<String> order, Consumer<Run> check) {
        Interleaving database = databases.get();
        try {
            database.setUp(setUp.toArray(String[]::new));
            check.accept(Run.play(database, scripts, order));
        } catch (RuntimeException | Error e) {
            closeAfter(e, database);
            throw named(order, e);
        }
        database.close();
    }

    private static void closeAfter(Throwable failure, Interleaving database) {
        try {
            database.abandon();
        } catch (RuntimeException | AssertionError e) {
            failure.addSuppressed(e);
        }
    }

    private static AssertionError named(List<String> order, Throwable failure) {
        return new AssertionError("In the order " + String.join(" ", order) + ": " + failure.getMessage(), failure);
    }

    private void extend(List<String> begun, int[] used, List<List<String>> orders) {
        boolean complete = true;
        for (int i = 0; i < used.length; i++) {
            Script script = scripts.get(i);
            if (used[i] < script.statements().size()) {
                complete = false;
                used[i]++;
                begun.add(script.session());
                extend(begun, used, orders);
                begun.remove(begun.size() - 1);
                used[i]--;
            }
        }
        if (complete) {
            orders.add(List.copyOf(begun));
        }
    }

    /**
     * Scripts that have been run in one order. A session whose statement failed was rolled back, and the rest of its
     * script left out. For the test's thread only.
     */
    public static final class Run {
        private final Interleaving database;
        private final List<String> order;
        private final Map<String, Deque<String>> toDo = new LinkedHashMap<>();
        private final Map<String, Step> failed = new LinkedHashMap<>();
        private final List<Step> steps = new ArrayList<>();

        private Run(Interleaving database, List<Script> scripts, List<String> order) {
            this.database = database;
            this.order = order;
            scripts.forEach(script -> toDo.put(script.session(), new ArrayDeque<>(script.statements())));
        }

        static Run play(Interleaving database, List<Script> scripts, List<String> order) {
            Run run = new Run(database, scripts, order);
            scripts.forEach(script -> database.session(script.session()));
            run.playAll();
            return run;
        }

        /** Where it ran; the sessions are still open. */
        public Interleaving database() {
            return database;
        }

        /** Whose turn it was, in order. */
        public List<String> order() {
            return order;
        }

        /** What was run, in the order in which it began. */
        public List<Step> steps() {
            return List.copyOf(steps);
        }

        /** Did the session get to the end of its script? */
        public boolean finished(String session) {
            return !failed.containsKey(session);
        }

        /** The statement the session failed in; empty if it got to the end. */
        public Optional<Step> failure(String session) {
            return Optional.ofNullable(failed.get(session));
        }

        private void playAll() {
            List<String> due = new ArrayList<>();
            for (String turn : order) {
                due.add(turn);
                playDue(due);
            }
            if (!due.isEmpty()) {
                throw new AssertionFailedError(stuck());
            }
        }

        private String stuck() {
            boolean allWait = toDo.keySet().stream()
                    .allMatch(name -> database.session(name).isWaiting());
            String why = allWait
                    ? "Everybody waits, and nobody was told to give way."
                    : "Somebody waits for a session whose script is over: does it end without a COMMIT?";
            return why + "\n\n" + database.scene();
        }

        /** Runs what is due until every session that is still due waits. */
        private void playDue(List<String> due) {
            Optional<String> next = firstThatCan(due);
            while (next.isPresent()) {
                due.remove(next.get());
                playNext(database.session(next.get()));
                next = firstThatCan(due);
            }
        }

        private Optional<String> firstThatCan(List<String> due) {
            return due.stream()
                    .filter(name -> !database.session(name).isWaiting())
                    .findFirst();
        }

        private void playNext(TestSession session) {
            Deque<String> script = toDo.get(session.name());
            if (script != null && finished(session.name())) {
                steps.add(session.step(script.remove()));
                Optional<Step> failure = newFailure();
                while (failure.isPresent()) {
                    giveUp(failure.get());
                    failure = newFailure();
                }
            }
        }

        /** A step that has failed, its own or because of what another session did, and was not given up yet. */
        private Optional<Step> newFailure() {
            return toDo.keySet().stream()
                    .filter(this::finished)
                    .flatMap(name -> database.session(name).lastStep().stream())
                    .filter(step -> step.isOver() && step.result().isFailure())
                    .findFirst();
        }

        /** Rolls the session back, so that the others can go on. */
        private void giveUp(Step step) {
            failed.put(step.session().name(), step.expectEitherWay());
            step.session().rollback().expectFinished();
        }
    }
}
