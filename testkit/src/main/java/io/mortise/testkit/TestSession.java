package io.mortise.testkit;

import io.mortise.engine.lock.LockOwner;
import io.mortise.engine.lock.LockRow;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A session of an interleaving test: a connection and the one thread that uses it. It begins in a transaction
 * (autocommit is off) unless {@link #autoCommit()} is called.
 *
 * <p>For the test's thread only.
 */
public final class TestSession {
    /** What a step does, on the session's own thread. */
    @FunctionalInterface
    public interface Work {
        void run(Connection connection) throws Exception;
    }

    private interface Task {
        StepResult run() throws Exception;
    }

    /** Where connections come from. */
    @FunctionalInterface
    interface Connector {
        Connection connect() throws SQLException;
    }

    /** The test that a session belongs to, as the session sees it. */
    interface Play {
        Stage stage();

        Duration patience();

        String scene();

        String nameOf(int session);

        void remember(Step step);

        void awaitStill();
    }

    private final Play play;
    private final String name;
    private final ExecutorService executor;
    private final Thread thread;
    private Optional<Step> last = Optional.empty();
    private volatile int id;
    private volatile @Nullable Connection connection;
    private volatile @Nullable Statement running;

    TestSession(Play play, String name) {
        this.play = play;
        this.name = name;
        this.executor = Executors.newSingleThreadExecutor(work -> {
            Thread created = new Thread(work, "session " + name);
            created.setDaemon(true);
            return created;
        });
        this.thread =
                CompletableFuture.supplyAsync(Thread::currentThread, executor).join();
    }

    /** Opens the connection, on the session's thread, and leaves autocommit. */
    void connect(Connector connector) {
        begin("connect", () -> {
            Connection opened = connector.connect();
            opened.setAutoCommit(false);
            id = opened.unwrap(LockOwner.class).id().session();
            connection = opened;
            return StepResult.none();
        });
        awaitStill();
        last.orElseThrow().expectFinished();
    }

    public String name() {
        return name;
    }

    /**
     * Runs a statement on the session's thread. Returns when it has finished or stands in a queue, and so has every
     * session that it has let go.
     */
    public Step step(String sql) {
        return perform(sql, () -> {
            try (Statement statement = connection().createStatement()) {
                running = statement;
                return statement.execute(sql) ? StepResult.ofQuery(statement) : StepResult.ofUpdate(statement);
            } finally {
                running = null;
            }
        });
    }

    /** The same for anything else that can be done with a connection; the text is what reports call it. */
    public Step step(String text, Work work) {
        return perform(text, () -> {
            work.run(connection());
            return StepResult.none();
        });
    }

    public Step commit() {
        return step("COMMIT", Connection::commit);
    }

    public Step rollback() {
        return step("ROLLBACK", Connection::rollback);
    }

    /** From now on, each statement is a transaction. */
    public TestSession autoCommit() {
        step("AUTOCOMMIT", jdbc -> jdbc.setAutoCommit(true)).expectFinished();
        return this;
    }

    /**
     * Calls {@code Statement.cancel} on what the session runs or waits in, if anything, and waits until all is still.
     */
    public void cancel() {
        Statement statement = running;
        if (statement != null) {
            try {
                statement.cancel();
            } catch (SQLException e) {
                throw new IllegalStateException("session " + name + " could not be cancelled", e);
            }
            play.stage().awaitCancelled(thread, play.patience());
        }
        awaitStill();
    }

    /** Interrupts the session's thread, and waits until all is still. */
    public void interrupt() {
        thread.interrupt();
        awaitStill();
    }

    /** The engine's number of the session, as its tables and messages have it. */
    public int id() {
        return id;
    }

    /** The step it has been given last. */
    public Optional<Step> lastStep() {
        return last;
    }

    /** Does it stand in a queue of the lock manager? */
    public boolean isWaiting() {
        return waitsFor().isPresent();
    }

    /**
     * The connection, for what other threads may do to it on purpose: abort it, or break in on a statement in flight.
     * All that the session itself does goes through its steps.
     */
    public Connection connection() {
        Connection opened = connection;
        if (opened == null) {
            throw new IllegalStateException("session " + name + " is not connected");
        }
        return opened;
    }

    boolean isIdle() {
        return play.stage().isIdle(thread);
    }

    boolean isIdleWithin(Duration patience) {
        return play.stage().awaitIdle(thread, patience);
    }

    boolean isConnectedAs(int session) {
        return connection != null && id == session;
    }

    Optional<LockRow> waitsFor() {
        return play.stage().waiting(thread);
    }

    Duration patience() {
        return play.patience();
    }

    String scene() {
        return play.scene();
    }

    String nameOf(int session) {
        return play.nameOf(session);
    }

    List<StackTraceElement> stack() {
        return List.of(thread.getStackTrace());
    }

    void awaitStill() {
        play.awaitStill();
    }

    boolean awaitEndOf(Step step, Duration patience) {
        return step.isOver() || isIdleWithin(patience);
    }

    /** Rolls back what is open, without a step: the test is over. */
    void letGo() {
        begin("end of the test", () -> {
            if (connection != null && !connection().getAutoCommit()) {
                connection().rollback();
            }
            return StepResult.none();
        });
    }

    /** Ends a step that nobody else will end. */
    void abort() throws SQLException {
        if (connection != null) {
            connection().abort(Runnable::run);
        }
    }

    /** Closes the connection. The session must be idle. */
    void close() throws SQLException {
        executor.shutdown();
        if (connection != null) {
            connection().close();
        }
    }

    private Step perform(String text, Task task) {
        last.ifPresent(Step::expectOver);
        Step step = begin(text, task);
        play.remember(step);
        awaitStill();
        return step;
    }

    private Step begin(String text, Task task) {
        Step step = new Step(this, text);
        last = Optional.of(step);
        play.stage().enter(thread);
        executor.execute(() -> {
            step.ends(attempt(task));
            play.stage().leave(thread);
        });
        return step;
    }

    // Whatever is thrown is the step's result; an Error too, else the test would hang instead of telling.
    private static StepResult attempt(Task task) {
        try {
            return task.run();
        } catch (Throwable e) {
            return StepResult.failed(e);
        } finally {
            Thread.interrupted(); // An interrupt was meant for this step only.
        }
    }
}
