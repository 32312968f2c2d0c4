package io.mortise.engine.journal.log;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What is logged under one name while this is open, and shown nowhere else. Thread-safe. */
final class TestLog extends Handler implements AutoCloseable {
    private final Logger logger;
    private final BlockingQueue<String> entries = new LinkedBlockingQueue<>();
    private final AtomicBoolean fails = new AtomicBoolean();

    TestLog(String name) {
        logger = Logger.getLogger(name);
        logger.setUseParentHandlers(false);
        logger.addHandler(this);
    }

    /** The next entry throws in the face of whoever logs it. */
    void failsOnce() {
        fails.set(true);
    }

    @Override
    public void publish(LogRecord entry) {
        if (fails.getAndSet(false)) {
            throw new IllegalStateException("the disk is full");
        }
        entries.add(entry.getLevel() + " " + entry.getMessage());
    }

    /** The next entry; blocks until there is one. */
    String take() throws InterruptedException {
        return entries.take();
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }
}
