package io.mortise.driver;

import java.text.MessageFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** What the engine logs while this is open. Thread-safe. */
final class LogLines extends Handler implements AutoCloseable {
    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger("io.mortise");

    LogLines() {
        logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord entry) {
        lines.add(entry.getLevel() + " " + MessageFormat.format(entry.getMessage(), entry.getParameters()));
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        logger.removeHandler(this);
    }

    /** Those that contain this. */
    List<String> about(String word) {
        return lines.stream().filter(line -> line.contains(word)).toList();
    }
}
