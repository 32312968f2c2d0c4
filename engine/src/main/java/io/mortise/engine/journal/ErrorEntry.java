package io.mortise.engine.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.text.Cut;
import io.mortise.engine.text.Secrets;
import io.mortise.engine.text.UserName;
import java.sql.SQLException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An error that a client was given. Immutable.
 *
 * @param id unique while the engine runs
 * @param code the vendor code
 * @param message as in the exception; of a long one the beginning
 * @param sqlLength characters of the statement, of which {@code sql} may be the beginning
 */
public record ErrorEntry(
        long id,
        long atNanos,
        OwnerId owner,
        UserName user,
        int code,
        String sqlState,
        Message message,
        String sql,
        int sqlLength) {
    /** An error whose message is made when somebody asks for it. */
    public interface Late {
        /** The message, from what was known when the error was made; keeps nothing else of the error. */
        Supplier<String> words();

        /** About how long it is. Known before it is made. */
        int characters();
    }

    /** A message that may be made when it is first read. Thread-safe. */
    static final class Message {
        private final int characters;

        @GuardedBy("this")
        private @Nullable Supplier<String> maker;

        @GuardedBy("this")
        private String text = "";

        /** @param characters how long it is, or about how long it will be */
        private Message(int characters, Supplier<String> maker) {
            this.characters = characters;
            this.maker = maker;
        }

        static Message of(String text) {
            return new Message(text.length(), () -> text);
        }

        /** Of an error, as it is shown, and so many characters of it at most. */
        static Message of(SQLException error, int most) {
            if (error instanceof Late late) {
                Supplier<String> words = late.words();
                return new Message(Math.min(most, late.characters()), () -> shown(words.get(), most));
            }
            return of(shown(String.valueOf(error.getMessage()), most));
        }

        private static String shown(String message, int most) {
            return Cut.of(LockMessages.kognitioFirst(Secrets.maskedMessage(message)), most);
        }

        synchronized String text() {
            if (maker != null) {
                text = maker.get();
                maker = null;
            }
            return text;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Message message && message.text().equals(text());
        }

        @Override
        public int hashCode() {
            return text().hashCode();
        }

        @Override
        public String toString() {
            return text();
        }
    }

    public String text() {
        return message.text();
    }

    int characters() {
        return message.characters + sql.length();
    }
}
