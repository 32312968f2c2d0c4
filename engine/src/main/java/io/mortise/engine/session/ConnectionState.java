package io.mortise.engine.session;

/** What a client has said about itself and its next statement. Thread-safe. */
public final class ConnectionState {
    private volatile String applicationName;
    private volatile String nextQueryId = "";

    ConnectionState(String applicationName) {
        this.applicationName = applicationName;
    }

    public String applicationName() {
        return applicationName;
    }

    public void setApplicationName(String name) {
        applicationName = name;
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
