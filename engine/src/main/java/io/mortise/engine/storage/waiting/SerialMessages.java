package io.mortise.engine.storage.waiting;

import io.mortise.engine.error.SerializationConflictException;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.serial.Extent;
import io.mortise.engine.serial.Image;
import io.mortise.engine.serial.Refusal;
import io.mortise.engine.serial.Refusal.Conflict;
import io.mortise.engine.text.OneLine;
import java.util.Optional;

/**
 * Why a serializable transaction had to give way, as text: who read what, who wrote it, by which statements, and what to do. Keys and
 * statements are shown as far as the sight goes. Immutable.
 */
final class SerialMessages {
    private static final String WHOLE = "";
    private final Sight sight;

    SerialMessages(Sight sight) {
        this.sight = sight;
    }

    SerializationConflictException error(Refusal why) {
        Optional<Conflict> shown = why.out().or(why::in);
        Optional<OwnerId> other =
                shown.map(conflict -> conflict.writer().equals(why.victim()) ? conflict.reader() : conflict.writer());
        return new SerializationConflictException(
                text(why),
                shown.map(this::read).orElse(""),
                other.map(OwnerId::session).orElse(0),
                other.map(OwnerId::transaction).orElse(0L));
    }

    private String text(Refusal why) {
        StringBuilder text = new StringBuilder("Serialization failure: ")
                .append(
                        why.isOfTwo()
                                ? "this transaction and another have each read what the other has written since"
                                : "in no order could this transaction and those beside it have read what they have")
                .append(". The transaction was rolled back. Run it again.");
        why.in().ifPresent(conflict -> line(text, conflict, why));
        why.out().ifPresent(conflict -> line(text, conflict, why));
        if (why.in().isEmpty() && why.out().isEmpty()) {
            text.append("\n  what has collided is not kept one by one any more");
        }
        text.append("\n  gave way  ")
                .append(why.victim())
                .append(reason(why))
                .append("\n  hint      ")
                .append(hint(why));
        return text.toString();
    }

    private void line(StringBuilder text, Conflict conflict, Refusal why) {
        text.append("\n  ")
                .append(who(conflict.reader(), why))
                .append(" read ")
                .append(read(conflict))
                .append(", of which it does not see what ")
                .append(who(conflict.writer(), why))
                .append(" wrote: ")
                .append(place(
                        conflict.write().table(),
                        conflict.write().row().map(Image::text).orElse(WHOLE),
                        conflict.write().by()));
        statement(text, "read by ", conflict.look().by());
        statement(text, "wrote by", conflict.write().by());
    }

    private static String who(OwnerId owner, Refusal why) {
        return owner.equals(why.victim()) ? "this transaction (" + owner + ")" : owner.toString();
    }

    private void statement(StringBuilder text, String what, StatementRecord statement) {
        if (statement != StatementRecord.NONE) {
            String sql = sight.ofStatements(statement.user()) ? OneLine.of(statement.sql()) : "(hidden)";
            text.append("\n    ").append(what).append("  ").append(sql);
            text.append("   thread \"").append(statement.thread().getName()).append('"');
        }
    }

    private String read(Conflict conflict) {
        return place(
                conflict.look().table(),
                conflict.look().extent().map(Extent::text).orElse(WHOLE),
                conflict.look().by());
    }

    private String place(LockTarget.Table table, String key, StatementRecord by) {
        String name = sight.place(table);
        if (key.isEmpty()) {
            return name + " (the whole table)";
        }
        return name + "(" + (sight.ofKey(table, by.user()) ? OneLine.of(key) : "hidden") + ")";
    }

    private static String reason(Refusal why) {
        if (why.isOfTwo()) {
            return ": the other had committed";
        }
        return why.victim().equals(why.pivot())
                ? ": it stands between the other two, and could still be ended"
                : ": the one between cannot be ended any more";
    }

    private static String hint(Refusal why) {
        boolean isWhole = why.in().filter(SerialMessages::isWhole).isPresent()
                || why.out().filter(SerialMessages::isWhole).isPresent();
        return isWhole
                ? "run it again; a statement that finds its rows by an index reads less than the whole table"
                : "run it again; with nobody beside it, it gets through";
    }

    private static boolean isWhole(Conflict conflict) {
        return conflict.look().extent().isEmpty();
    }
}
