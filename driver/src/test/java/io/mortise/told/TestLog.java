package io.mortise.told;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged under one name while this is open, and shown nowhere else. Thread-safe. */
final class TestLog extends Handler implements AutoCloseable {
    private final Logger logger;
    private final BlockingQueue<String> entries = new LinkedBlockingQueue<>();
    private final Lock full = new ReentrantLock();

    TestLog(String name) {
        logger = Logger.getLogger(name);
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord entry) {
        entries.add(entry.getLevel() + " " + entry.getMessage());
        full.lock(); // The entry can be taken; who has written it stays here.
        full.unlock();
    }

    /** After the next entry the log takes no more until {@link #goesOn}, by the same thread. */
    void stops() {
        full.lock();
    }

    void goesOn() {
        full.unlock();
    }

    /** The next entry; blocks until there is one. */
    String take() throws InterruptedException {
        return entries.take();
    }

    /** Those that nobody has taken. */
    List<String> left() {
        return List.copyOf(entries);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
