package io.mortise.engine.backend;

import io.mortise.engine.text.OneLine;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** What the client of a session is to hear with the answer to its statement. Thread-safe. */
public final class Notices {
    private static final int MOST_NAMES = 16;

    private volatile Consumer<String> to = text -> {};

    /** From now on they go there. */
    public void to(Consumer<String> client) {
        to = client;
    }

    /** A statement has committed without having been told to, and these names were the transaction's. */
    public void namesGivenBack(List<String> names) {
        if (names.isEmpty()) {
            return;
        }
        String shown = names.stream()
                .limit(MOST_NAMES)
                .map(name -> "'" + OneLine.of(name) + "'")
                .collect(Collectors.joining(", "));
        int more = names.size() - MOST_NAMES;
        to.accept(
                "The statement has committed the open transaction, as every definition does, and so has given back its"
                        + " ADVISORY_LOCK on " + shown + (more > 0 ? " and " + more + " more" : "")
                        + ". Lock again what you need, or use SESSION_LOCK, which a commit does not give back.");
    }
}
