package io.mortise.engine.session;

import io.mortise.engine.session.gate.BusyRule;
import io.mortise.engine.setting.Keeper;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import io.mortise.engine.thread.PoolThread;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/** The settings of one connection, and what its client has said of its next statement. Thread-safe. */
public final class ConnectionState {
    private final Consumer<String> announcement;
    private final IntConsumer answerLimit;
    private final String pool = PoolThread.poolOf(Thread.currentThread().getName());
    private volatile Present present; // written under this
    private volatile String nextQueryId = "";
    private volatile Optional<String> borrowSite = Optional.empty();

    /** The settings, and what is asked for with every statement read out of them. Immutable. */
    private record Present(Settings settings, BusyRule busy, int networkTimeout) {
        private static final Present DEFAULTS = read(Settings.DEFAULTS);

        @SuppressWarnings("ReferenceEquality") // An equal one is read: no harm.
        static Present of(Settings settings) {
            return settings == Settings.DEFAULTS ? DEFAULTS : read(settings);
        }

        private static Present read(Settings settings) {
            return new Present(settings, BusyRule.of(settings), settings.get(Setting.NETWORK_TIMEOUT));
        }
    }

    /**
     * @param announcement tells the session what its client calls itself
     * @param answerLimit tells it how long the client waits for an answer
     */
    ConnectionState(Settings settings, Consumer<String> announcement, IntConsumer answerLimit) {
        this.present = Present.of(settings);
        this.announcement = announcement;
        this.answerLimit = answerLimit;
        answerLimit.accept(networkTimeout());
    }

    /** As they were given, or have been set since. */
    Settings settings() {
        return present.settings();
    }

    BusyRule busy() {
        return present.busy();
    }

    /** Milliseconds after which a call that has not returned closes the session; 0 for never. */
    public int networkTimeout() {
        return present.networkTimeout();
    }

    /** The pool on whose thread the connection was opened; empty if it was no pool's, or is not known. */
    String pool() {
        return pool;
    }

    public String applicationName() {
        return settings().get(Setting.APPLICATION_NAME);
    }

    /** @param setting one that a connection keeps */
    public <T> void set(Setting<T> setting, T value) {
        synchronized (this) {
            present = Present.of(present.settings().with(setting, value));
        }
        if (setting == Setting.APPLICATION_NAME) {
            announcement.accept(applicationName());
        } else if (setting == Setting.NETWORK_TIMEOUT) {
            answerLimit.accept(networkTimeout());
        }
    }

    /** From now on all that a connection keeps is as it is in another. */
    void follow(ConnectionState other) {
        for (Setting<?> setting : other.settings().names()) {
            if (setting.keeper() == Keeper.CONNECTION) {
                take(setting, other);
            }
        }
    }

    private <T> void take(Setting<T> setting, ConnectionState other) {
        set(setting, other.settings().get(setting));
    }

    /** The id that the next statement will have; empty if it gets a new one. */
    public String nextQueryId() {
        return nextQueryId;
    }

    public void setNextQueryId(String id) {
        nextQueryId = id;
    }

    /** The connection has another user from now on: remembers where that is, if it was told to. */
    void borrowed(Supplier<Optional<String>> callSite) {
        if (settings().get(Setting.BORROW_SITE)) {
            borrowSite = callSite.get();
        }
    }

    /** Where it was opened, or its request begun, as far as that is remembered. */
    Optional<String> borrowSite() {
        return borrowSite;
    }

    String takeQueryId() {
        String id = nextQueryId;
        if (!id.isEmpty()) {
            nextQueryId = "";
        }
        return id;
    }
}
