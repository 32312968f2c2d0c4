package io.mortise.engine.journal.failure;

import io.mortise.engine.journal.failure.SerialFailure.Access;
import io.mortise.engine.journal.failure.SerialFailure.Edge;
import io.mortise.engine.journal.failure.SerialFailure.Found;
import io.mortise.engine.journal.failure.SerialFailure.Kind;
import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.OneLine;
import io.mortise.engine.text.UserName;
import java.util.Optional;

/**
 * What the exception, the event and the log say of a transaction that could not be serialized. Who read what, who wrote
 * it, by which statements, why this one gave way, and what to do. The first line is a sentence that says enough alone.
 * Immutable.
 */
public final class FailureText {
    private final SerialFailure failure;
    private final Found found;
    private final Sight sight;

    /** @param sight what the reader may be shown */
    public FailureText(SerialFailure failure, Sight sight) {
        this.failure = failure;
        this.found = failure.found();
        this.sight = sight;
    }

    public String text() {
        StringBuilder text = new StringBuilder("Serialization failure: ").append(firstLine());
        found.edges().forEach(edge -> edge(text, edge));
        if (found.edges().isEmpty()) {
            text.append("\n  what has collided is not kept one by one any more");
        }
        text.append("\n  gave way  ").append(found.victim()).append(": ").append(found.why());
        return text.append("\n  hint      ").append(hint()).toString();
    }

    private String firstLine() {
        return switch (found.kind()) {
            case READ_WRITE ->
                (isOfTwo()
                                ? "this transaction and that of session " + otherThanVictim()
                                        + " have each read what the other has written since"
                                : "in no order could this transaction and those beside it have read what they have")
                        + ". The transaction was rolled back. Run it again.";
            case ROW_CHANGED, TABLE_CHANGED ->
                (found.kind() == Kind.ROW_CHANGED ? "row" : "table") + " changed by " + changedBy()
                        + " since your snapshot: " + target() + ". The transaction was rolled back. Run it again.";
            case BRANCH_IN_DOUBT ->
                "the transaction " + found.branch() + " has changed " + target()
                        + " and is prepared, and nobody knows what it has read. The transaction was rolled back. End that one first:"
                        + " COMMIT TRANSACTION or ROLLBACK TRANSACTION " + found.branch() + ".";
        };
    }

    /** What is in the way: {@code PUBLIC.ACCOUNTS(ID=42)}; empty if that is not known any more. */
    public String target() {
        return shown().map(edge ->
                        found.kind() == Kind.READ_WRITE || !edge.read().key().isEmpty()
                                ? SerialFailure.place(edge, edge.read(), sight)
                                : sight.place(edge.table()))
                .orElse("");
    }

    private Optional<Edge> shown() {
        return found.edges().stream().reduce((first, last) -> last);
    }

    /**
     * Whose transaction collided with the victim's; {@code session} and {@code transaction} are 0 if that is not known.
     */
    public OwnerId other() {
        return shown().map(edge -> edge.wrote().owner().equals(found.victim())
                        ? edge.read().owner()
                        : edge.wrote().owner())
                .orElse(OwnerId.of(0));
    }

    private String changedBy() {
        return shown().map(edge -> edge.wrote().owner())
                .filter(owner -> owner.transaction() != 0)
                .map(OwnerId::toString)
                .orElse("another session, which has committed,");
    }

    private boolean isOfTwo() {
        return found.edges().size() == 2 && found.parties().size() == 2;
    }

    private int otherThanVictim() {
        return found.parties().get(0).session();
    }

    private void edge(StringBuilder text, Edge edge) {
        Access read = edge.read();
        Access wrote = edge.wrote();
        boolean isKnown = wrote.owner().transaction() != 0;
        if (found.kind() == Kind.READ_WRITE) {
            text.append("\n  ").append(who(read.owner())).append(" read ");
            text.append(SerialFailure.place(edge, read, sight));
            text.append(", of which it does not see what ").append(who(wrote.owner()));
            text.append(" wrote: ").append(SerialFailure.place(edge, wrote, sight));
        } else if (isKnown) {
            text.append("\n  ").append(who(wrote.owner())).append(" has changed it, and committed");
        }
        String done = found.kind() == Kind.READ_WRITE ? "read by " : "asked by";
        statement(text, done, read.by());
        if (wrote.by() != StatementRecord.NONE) {
            statement(text, "wrote by", wrote.by());
        } else if (isKnown) {
            failure.lastOf(wrote.owner())
                    .ifPresent(step -> text.append("\n    ran last  ").append(sql(step.user(), step.sql())));
        }
    }

    private String who(OwnerId owner) {
        return owner.equals(found.victim()) ? "this transaction (" + owner + ")" : owner.toString();
    }

    private void statement(StringBuilder text, String what, StatementRecord statement) {
        if (statement != StatementRecord.NONE) {
            text.append("\n    ").append(what).append("  ").append(sql(statement.user(), statement.sql()));
            statement
                    .outer()
                    .ifPresent(outer -> text.append("   inside ")
                            .append(sql(statement.user(), outer.outermost().sql())));
            text.append("   thread \"")
                    .append(OneLine.ofName(statement.threadName()))
                    .append('"');
        }
    }

    private String sql(UserName user, String sql) {
        return sight.ofStatements(user) ? OneLine.ofSql(sql) : LockMessages.HIDDEN;
    }

    /** What to do about it. */
    public String hint() {
        boolean isWhole = found.kind() == Kind.READ_WRITE
                && found.edges().stream().anyMatch(edge -> edge.read().key().isEmpty());
        if (isWhole) {
            return "run it again; a statement that finds its rows by an index reads less than the whole table";
        }
        return switch (found.kind()) {
            case READ_WRITE ->
                found.edges().isEmpty()
                        ? "run it again; more is kept one by one with larger SERIALIZABLE_NOTES and SERIALIZABLE_KEPT"
                        : "run it again; with nobody beside it, it gets through";
            case ROW_CHANGED -> "run it again; a SELECT … FOR UPDATE as its first statement waits instead";
            case TABLE_CHANGED -> "run it again";
            case BRANCH_IN_DOUBT -> "end the branch, then run it again";
        };
    }
}
