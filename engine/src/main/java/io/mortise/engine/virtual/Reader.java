package io.mortise.engine.virtual;

/**
 * Who reads a virtual table or calls a virtual function. Immutable.
 *
 * @param session H2's number of the session
 * @param isAdmin may this user see what others run?
 * @param statement the number of the statement that reads, the same for all tables it reads: what is one statement must
 *     see one moment
 */
public record Reader(int session, String user, boolean isAdmin, long statement) {
    /** May this reader see the SQL of that user's statements? */
    public boolean maySee(String otherUser) {
        return isAdmin || user.equals(otherUser);
    }
}
