package io.mortise.driver.soak;

import java.sql.Connection;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The clients' connections and the threads that use them at the moment, for the levers that act through Java.
 * Thread-safe.
 */
final class Registry {
    private final Map<Thread, Connection> connections = new ConcurrentHashMap<>();

    void enter(Connection connection) {
        connections.put(Thread.currentThread(), connection);
    }

    void leave() {
        connections.remove(Thread.currentThread());
    }

    Optional<Map.Entry<Thread, Connection>> any(SplittableRandom random) {
        int size = connections.size();
        return size == 0
                ? Optional.empty()
                : connections.entrySet().stream().skip(random.nextInt(size)).findFirst();
    }
}
