package io.mortise.engine.text;

/**
 * A user's name, and which user of that name it is. A name that was dropped, or given up by renaming, can be another
 * user's later, who must not see what the first has left. Equal if it is the same user, whatever that is called now.
 * Immutable.
 */
public final class UserName {
    /** Nobody's. */
    public static final UserName NONE = new UserName("");

    private final String text;
    /** The same object, or an equal one, for the same user. */
    private final Object user;

    /** Of a user who is known by name only. */
    public UserName(String text) {
        this(text, text);
    }

    /** @param user equal to that of the same user, and to no other */
    public UserName(String text, Object user) {
        this.text = text;
        this.user = user;
    }

    /** The name, as it was when the user logged in. */
    public String text() {
        return text;
    }

    public boolean isEmpty() {
        return text.isEmpty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UserName that && user.equals(that.user);
    }

    @Override
    public int hashCode() {
        return user.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
