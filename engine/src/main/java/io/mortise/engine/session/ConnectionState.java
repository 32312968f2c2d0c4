package io.mortise.engine.session;

import java.util.function.Consumer;

/** What a client has said about itself and its next statement. Thread-safe. */
public final class ConnectionState {
    private final Consumer<String> announcement;
    private volatile String applicationName;
    private volatile String nextQueryId = "";

    /** @param announcement tells the session what its client calls itself */
    ConnectionState(String applicationName, Consumer<String> announcement) {
        this.applicationName = applicationName;
        this.announcement = announcement;
    }

    public String applicationName() {
        return applicationName;
    }

    public void setApplicationName(String name) {
        applicationName = name;
        announcement.accept(name);
    }

    /** The id that the next statement will have; empty if one is to be made. */
    public String nextQueryId() {
        return nextQueryId;
    }

    public void setNextQueryId(String id) {
        nextQueryId = id;
    }

    String takeQueryId() {
        String id = nextQueryId;
        if (!id.isEmpty()) {
            nextQueryId = "";
        }
        return id;
    }
}
