package io.mortise.watch.web;

import io.mortise.watch.read.Json;
import io.mortise.watch.read.Reading;
import java.sql.SQLException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all viewers with the rights of one user are sent: read once a tick, and not at all while nobody looks.
 * Thread-safe.
 */
final class Feed {
    /** The past, the deadlocks and the tables change slowly, and their tables are long. */
    private static final int TICKS_OF_THE_SLOW = 5;

    private static final long OVERLAP_MILLIS = 2000;

    private final Reading reading;
    private final Set<Viewer> viewers = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean isBusy = new AtomicBoolean();
    private final AtomicInteger ticks = new AtomicInteger();
    /** Touched by the one who is busy. */
    private volatile long seenTo;

    private volatile int lastDeadlocks;
    /** How many ticks in a row nobody but those who watch was connected. */
    private volatile int ticksAlone;

    Feed(Reading reading) {
        this.reading = reading;
    }

    /** One open page. Thread-safe. */
    static final class Viewer {
        private final BlockingQueue<String> events = new ArrayBlockingQueue<>(64);

        /** Set once: what does not keep up is let go, connects again and begins anew. */
        private volatile boolean isLetGo;

        boolean isLetGo() {
            return isLetGo;
        }

        BlockingQueue<String> events() {
            return events;
        }

        private void send(String event) {
            if (!events.offer(event)) {
                isLetGo = true;
            }
        }
    }

    private static String event(String name, Map<String, Object> data) {
        return "event: " + name + "\ndata: " + Json.of(data) + "\n\n";
    }

    /** A page opens: it is sent all there is, and from then on what changes. */
    Viewer open() throws SQLException {
        Viewer viewer = new Viewer();
        viewers.add(viewer);
        try {
            viewer.send(event("about", reading.about()));
            viewer.send(event("moment", reading.moment()));
            viewer.send(event("past", reading.past(0)));
            viewer.send(event("deadlocks", reading.deadlocks()));
            viewer.send(event("tables", reading.tables()));
            return viewer;
        } catch (SQLException | RuntimeException e) {
            viewers.remove(viewer);
            throw e;
        }
    }

    void close(Viewer viewer) {
        viewers.remove(viewer);
    }

    int viewers() {
        return viewers.size();
    }

    /** Reads and sends, if anybody looks and the last tick is over. */
    void tick() throws SQLException {
        if (viewers.isEmpty() || !isBusy.compareAndSet(false, true)) {
            return;
        }
        try {
            Map<String, Object> moment = reading.moment();
            boolean isAlone = moment.get("counts") instanceof Map<?, ?> counts
                    && Integer.valueOf(0).equals(counts.get("sessions"));
            ticksAlone = isAlone ? ticksAlone + 1 : 0;
            toAll("moment", moment);
            if (ticks.incrementAndGet() % TICKS_OF_THE_SLOW == 0) {
                slow();
            }
        } finally {
            isBusy.set(false);
        }
    }

    private void slow() throws SQLException {
        Map<String, Object> past = reading.past(seenTo == 0 ? 0 : seenTo - OVERLAP_MILLIS);
        seenTo = past.get("at") instanceof Long at ? at : 0;
        toAll("past", past);
        toAll("tables", reading.tables());
        Map<String, Object> deadlocks = reading.deadlocks();
        String json = event("deadlocks", deadlocks);
        if (json.hashCode() != lastDeadlocks) {
            lastDeadlocks = json.hashCode();
            viewers.forEach(viewer -> viewer.send(json));
        }
    }

    private void toAll(String name, Map<String, Object> data) {
        String event = event(name, data);
        viewers.forEach(viewer -> viewer.send(event));
    }

    /** Has nobody but those who watch been connected for a while? */
    boolean isAlone() {
        return ticksAlone >= 2;
    }

    /** There will be no more: the database has gone, or the server goes. */
    void end(String why) {
        toAll("gone", Map.of("why", why));
        viewers.forEach(viewer -> viewer.isLetGo = true);
    }
}
