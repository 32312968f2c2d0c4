package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.policy.LockPolicy;
import io.mortise.engine.policy.MvccPolicy;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.virtual.Catalog;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A database and a few sessions in it, each with a thread of its own. A statement has finished or been seen to wait.
 */
public final class Scene implements AutoCloseable {
    private static final AtomicInteger LAST = new AtomicInteger();

    private final String url;
    private final OpeningOptions opening;
    private final List<Actor> actors = new ArrayList<>();
    private final Map<Integer, BlockingQueue<LockRow>> waits = new ConcurrentHashMap<>();
    final List<DeadlockReport> deadlocks = new ArrayList<>();

    private Scene(String url, OpeningOptions opening) {
        this.url = url;
        this.opening = opening;
    }

    /** A new database in memory under the default policy; who stands first in a queue is served first. */
    static Scene inMemory() {
        return with(new MvccPolicy(30_000));
    }

    static Scene with(LockPolicy policy) {
        return new Scene("jdbc:h2:mem:scene" + LAST.incrementAndGet(), opening(policy));
    }

    public static Scene at(String url) {
        return new Scene(url, opening(new MvccPolicy(30_000)));
    }

    static OpeningOptions opening(LockPolicy policy) {
        return new OpeningOptions(policy, 0, 1000, storage -> Catalog.EMPTY);
    }

    public Actor actor() throws SQLException {
        return actor("SA", "");
    }

    public Actor actor(String user, String password) throws SQLException {
        StorageSession session = (StorageSession) new StorageConnection(url, user, password, Map.of()).open(opening);
        if (actors.isEmpty()) {
            session.storage().locks().addListener(new LockListener() {
                @Override
                public void waitStarted(LockRow request) {
                    waitsOf(request.owner().session()).add(request);
                }

                @Override
                public void deadlockFound(DeadlockReport report) {
                    deadlocks.add(report);
                }
            });
        }
        Actor actor = new Actor(session);
        actors.add(actor);
        return actor;
    }

    private BlockingQueue<LockRow> waitsOf(int session) {
        return waits.computeIfAbsent(session, any -> new LinkedBlockingQueue<>());
    }

    String url() {
        return url;
    }

    Storage storage() {
        return Storage.of(actors.get(0).session);
    }

    /** Nobody holds or wants anything, and nothing has waited inside H2. */
    public void endsEmpty() {
        assertThat(storage().locks().snapshot().rows()).isEmpty();
        assertThat(storage().tripwires()).isZero();
    }

    /** Has anybody stood in line, beside those that were seen to? */
    boolean waited() {
        return waits.values().stream().anyMatch(of -> !of.isEmpty());
    }

    @Override
    public void close() throws Exception {
        for (Actor actor : actors) {
            actor.close();
        }
    }

    /** A session and the thread that runs its statements. */
    public final class Actor {
        public final StorageSession session;
        public final Connection connection;
        private final ExecutorService thread = Executors.newSingleThreadExecutor();

        private Actor(StorageSession session) {
            this.session = session;
            this.connection = session.connection();
        }

        Actor inTransaction() throws SQLException {
            connection.setAutoCommit(false);
            return this;
        }

        /** Runs a statement that is not to wait, and returns the rows it changed. */
        int runs(String sql) throws Exception {
            return finish(begin(sql));
        }

        /** The same on the calling thread, whatever it answers. */
        public void runsHere(String sql) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }

        /** The first column of the first row; null if there is none. */
        Object reads(String sql) throws Exception {
            return finish(beginToRead(sql));
        }

        Future<Object> waitsToRead(String sql) throws Exception {
            waitsOf(session.id()).clear();
            Future<Object> query = beginToRead(sql);
            isSeenToWait(sql);
            return query;
        }

        private Future<Object> beginToRead(String sql) {
            return thread.submit(() -> {
                try (Statement statement = connection.createStatement();
                        ResultSet result = statement.executeQuery(sql)) {
                    return result.next() ? result.getObject(1) : null;
                }
            });
        }

        /**
         * Runs a statement until it is seen to wait for a lock. One before it may have stood in line twice: for the
         * row, and for the table while the other's commit was on its way out.
         */
        Future<Integer> waitsFor(String sql) throws Exception {
            waitsOf(session.id()).clear();
            Future<Integer> statement = begin(sql);
            isSeenToWait(sql);
            return statement;
        }

        void isSeenToWait(String sql) throws InterruptedException {
            LockRow request = waitsOf(session.id()).poll(60, TimeUnit.SECONDS);
            assertThat(request).as("the wait of " + sql).isNotNull();
        }

        Future<Integer> begin(String sql) {
            return thread.submit(() -> {
                try (Statement statement = connection.createStatement()) {
                    return statement.execute(sql) ? 0 : statement.getUpdateCount();
                }
            });
        }

        <T> Future<T> does(Callable<T> work) {
            return thread.submit(work);
        }

        void commits() throws Exception {
            finish(thread.submit(() -> {
                connection.commit();
                return 0;
            }));
        }

        void rollsBack() throws Exception {
            finish(thread.submit(() -> {
                connection.rollback();
                return 0;
            }));
        }

        void rollsBackTo(Savepoint savepoint) throws Exception {
            finish(thread.submit(() -> {
                connection.rollback(savepoint);
                return 0;
            }));
        }

        private void close() throws Exception {
            thread.submit(() -> {
                connection.close();
                return 0;
            });
            thread.shutdown();
            assertThat(thread.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
        }
    }

    static <T> T finish(Future<T> statement) throws Exception {
        try {
            return statement.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
