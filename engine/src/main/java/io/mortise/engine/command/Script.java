package io.mortise.engine.command;

import io.mortise.engine.command.Command.ForConnection;
import java.util.List;
import java.util.Optional;

/** What a client's text turned out to be, once read. Immutable. */
public final class Script {
    /** The text is storage's from end to end, byte for byte. One instance, for nearly every text is such. */
    public static final Script STORAGES_OWN = new Script(Optional.empty(), List.of());

    private final Optional<String> rewritten;
    private final List<Command> commands;

    private Script(Optional<String> rewritten, List<Command> commands) {
        this.rewritten = rewritten;
        this.commands = List.copyOf(commands);
    }

    /**
     * A text of which something had to be put differently.
     *
     * @param rewritten what storage is to run
     */
    public static Script of(String rewritten, List<Command> commands) {
        return new Script(Optional.of(rewritten), commands);
    }

    /** Is there nothing to do but to hand the text on? */
    public boolean isStoragesOwn() {
        return this == STORAGES_OWN;
    }

    /**
     * What storage is to run: the client's text itself, but for what had to be put differently. Commands are calls of
     * the functions that do the same. Blank if there is nothing to run.
     */
    public String textFor(String clients) {
        return rewritten.orElse(clients);
    }

    /** The commands in the text, in order. */
    public List<Command> commands() {
        return commands;
    }

    /** What happens to the connection after storage has run the text: only the last command can ask for that. */
    public Optional<ForConnection> afterwards() {
        return commands.isEmpty() || !(commands.get(commands.size() - 1) instanceof ForConnection last)
                ? Optional.empty()
                : Optional.of(last);
    }
}
