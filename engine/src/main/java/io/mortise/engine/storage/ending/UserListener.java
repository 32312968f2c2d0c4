package io.mortise.engine.storage.ending;

import java.util.function.Consumer;
import org.h2.api.DatabaseEventListener;
import org.jspecify.annotations.Nullable;

/**
 * Tells the user's own listener what H2 tells ours. H2 ignores the exceptions of a listener, but an Error leaves a
 * statement in the middle. One that has failed is not undone then, and is committed. A table that has been made is in
 * memory and not in the file. So here an Error is ignored too, and logged. Stateless.
 */
public final class UserListener {
    private static final System.Logger LOG = System.getLogger(UserListener.class.getName());

    private UserListener() {}

    /** Returns normally, whatever the listener does. */
    public static void tell(@Nullable DatabaseEventListener listener, Consumer<DatabaseEventListener> news) {
        if (listener == null) {
            return;
        }
        try {
            news.accept(listener);
        } catch (Exception e) {
            LOG.log(System.Logger.Level.DEBUG, "the database event listener has thrown", e);
        } catch (Error e) {
            LOG.log(System.Logger.Level.WARNING, "the database event listener has thrown " + e);
        }
    }
}
