package io.mortise.engine.virtual;

import io.mortise.engine.text.UserName;
import java.util.OptionalLong;

/**
 * Who reads a virtual table, calls a virtual function, or is given a message. Immutable.
 *
 * @param session H2's number of the session
 * @param isAdmin may this user see what others run?
 * @param statement the number of the statement that reads, the same for all tables it reads: what is one statement must
 *     see one moment
 * @param rights which tables this user may read
 */
public record Reader(int session, UserName user, boolean isAdmin, long statement, Rights rights) {
    private static final Rights NO_KEYS = table -> OptionalLong.empty();

    /** Which tables one user may read. Asked on the thread of that user's session. */
    @FunctionalInterface
    public interface Rights {
        /**
         * Since when the table of this number is there, on the engine's clock; empty if the user may not {@code SELECT}
         * from it. The number of a table that was dropped is given to another one.
         */
        OptionalLong readableSince(int table);
    }

    /** Who looks from outside the database, and sees what an administrator sees. */
    public static Reader outside() {
        return new Reader(0, UserName.NONE, true, 0, table -> OptionalLong.empty());
    }

    /** The same without keys of rows. */
    public static Reader outsideWithoutKeys() {
        return new Reader(0, UserName.NONE, true, 0, NO_KEYS);
    }

    /** May this reader see the keys of all rows, and the names of all advisory locks? */
    public boolean maySeeAllKeys() {
        return isAdmin && rights != NO_KEYS;
    }

    /** May this reader see the SQL of that user's statements? */
    public boolean maySee(UserName otherUser) {
        return isAdmin || user.equals(otherUser);
    }

    /** May this reader see keys of rows of this table, as they were at that time? */
    public boolean maySeeKeys(int table, long atNanos) {
        if (maySeeAllKeys()) {
            return true;
        }
        OptionalLong since = rights.readableSince(table);
        return since.isPresent() && since.getAsLong() - atNanos <= 0;
    }

    /** May this reader see keys of rows of this table, as they are now? */
    public boolean maySeeKeys(int table) {
        return maySeeAllKeys() || rights.readableSince(table).isPresent();
    }
}
