package io.mortise.engine.command;

import java.util.List;
import java.util.Optional;

/** What a client's text turned out to be, once read: what to run, in order. Immutable. */
public final class Script {
    /** The text is storage's from end to end, byte for byte: hand it on. One instance, for nearly every text is such. */
    public static final Script STORAGES_OWN = new Script(List.of());

    private final List<Part> parts;

    private Script(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    static Script of(List<Part> parts) {
        return new Script(parts);
    }

    /** A piece of the text: one command, or one or several statements of storage's. */
    public sealed interface Part {
        /** How many parameters the piece has; they are numbered from 1 in each. */
        int parameters();
    }

    /** Goes to storage, as it is here: the client's words, but for those that had to be put differently. */
    public record Sql(String text, int parameters) implements Part {}

    /**
     * A command of ours.
     *
     * @param text the client's words
     */
    public record Owned(Command command, String text, int parameters) implements Part {
        /** What storage is to run for it; empty if it is the connection's affair. */
        public Optional<String> sql() {
            if (command instanceof Command.Action action) {
                return Optional.of(action.sql());
            } else if (command instanceof Command.Question question) {
                return Optional.of(question.sql(parameters));
            } else {
                return Optional.empty();
            }
        }

        /** Does it return rows? If not it is run as an update, which changes none. */
        public boolean returnsRows() {
            return command instanceof Command.Question;
        }
    }

    /** Is there nothing to do but to hand the text on? */
    public boolean isStoragesOwn() {
        return this == STORAGES_OWN;
    }

    /** In the order in which they run; empty if the text {@link #isStoragesOwn()}. */
    public List<Part> parts() {
        return parts;
    }

    /** What storage is to be given instead of the client's text, if nothing in it is a command. */
    public Optional<String> rewritten() {
        return parts.size() == 1 && parts.get(0) instanceof Sql sql ? Optional.of(sql.text()) : Optional.empty();
    }

    /** The command, if the text is that alone. */
    public Optional<Command> command() {
        return parts.size() == 1 && parts.get(0) instanceof Owned owned
                ? Optional.of(owned.command())
                : Optional.empty();
    }
}
