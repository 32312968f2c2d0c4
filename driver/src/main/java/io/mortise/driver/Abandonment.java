package io.mortise.driver;

import io.mortise.engine.session.Attachment;
import java.lang.ref.Cleaner;
import org.jspecify.annotations.Nullable;

/**
 * What is done for a connection that is garbage collected before anybody has closed it. Holds what the connection
 * holds, and never the connection itself, which could not be collected then. Thread-safe.
 */
final class Abandonment implements Runnable {
    private static final Cleaner CLEANER = Cleaner.create();

    private final Cleaner.Cleanable watched;
    private volatile @Nullable Attachment attachment;

    private Abandonment(Object connection, Attachment attachment) {
        this.attachment = attachment;
        this.watched = CLEANER.register(connection, this);
    }

    static Abandonment watch(Object connection, Attachment attachment) {
        return new Abandonment(connection, attachment);
    }

    /** The connection has been closed: nothing of it is held any more. */
    void closed() {
        attachment = null;
        watched.clean();
    }

    /** The connection has moved to another session. */
    void follow(Attachment next) {
        if (attachment != null) {
            attachment = next;
        }
    }

    /** The connection may be collected, and its session live on. */
    void cancel() {
        attachment = null;
    }

    @Override
    public void run() {
        Attachment left = attachment;
        if (left != null) {
            left.abandon();
        }
    }
}
