package io.mortise.watch.web;

import io.mortise.watch.web.Logins.Login;
import java.sql.SQLException;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Lets people in, one after another, and those who guess passwords seldom. Thread-safe.
 *
 * <p>One after another, because the database makes everybody who connects wait behind a wrong password, the application
 * too: forty guesses at once would keep it from connecting for minutes.
 */
final class Door {
    /** In a row from one address; a person mistypes. */
    private static final int FREE_OF_AN_ADDRESS = 3;
    /** In a row for one user, from wherever: more, because a stranger must not shut somebody out by a few guesses. */
    private static final int FREE_OF_A_USER = 10;

    private static final int MOST_WAITING = 8;
    private static final int TURN_SECONDS = 5;
    private static final int LONGEST_NAME = 200;
    private static final String WRONG_PASSWORD = "28000";

    private final Logins logins;
    private final Patience addresses;
    private final Patience users;
    private final Semaphore turn = new Semaphore(1, true);

    /** @param millis a clock, from any origin */
    Door(Logins logins, LongSupplier millis) {
        this.logins = logins;
        this.addresses = new Patience(FREE_OF_AN_ADDRESS, millis);
        this.users = new Patience(FREE_OF_A_USER, millis);
    }

    /** Not now; the message says when. */
    static final class NotNow extends Exception {
        private static final long serialVersionUID = 1L;

        NotNow(String message) {
            super(message);
        }
    }

    /** Logs in: the database decides. */
    Login enter(String address, String user, String password) throws SQLException, NotNow, InterruptedException {
        if (turn.getQueueLength() >= MOST_WAITING || !turn.tryAcquire(TURN_SECONDS, TimeUnit.SECONDS)) {
            throw new NotNow("Many are logging in. Try again in a few seconds.");
        }
        try {
            return enterInTurn(address, user, password);
        } finally {
            turn.release();
        }
    }

    private Login enterInTurn(String address, String user, String password) throws SQLException, NotNow {
        String name = user.substring(0, Math.min(LONGEST_NAME, user.length())).toUpperCase(Locale.ROOT);
        long wait = Math.max(addresses.wait(address), users.wait(name));
        if (wait > 0) {
            throw new NotNow("Too many wrong passwords. Try again in " + (wait + 999) / 1000 + " s.");
        }
        try {
            Login login = logins.open(user, password);
            addresses.succeeded(address);
            users.succeeded(name);
            return login;
        } catch (SQLException e) {
            if (isWrongPassword(e)) {
                addresses.failed(address);
                users.failed(name);
            }
            throw e;
        }
    }

    static boolean isWrongPassword(SQLException e) {
        return WRONG_PASSWORD.equals(e.getSQLState());
    }
}
