package io.mortise.watch.web;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.watch.read.Actions;
import io.mortise.watch.read.Connections;
import io.mortise.watch.read.Database;
import io.mortise.watch.read.Reading;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Who is logged in. Thread-safe. Those who log in as the same user share one connection; it is closed when the last of them
 * has logged out, or was not heard of for a while.
 */
final class Logins {
    private static final int MOST = 100;

    private final Connections connections;
    private final long idleMillis;
    private final LongSupplier millis;
    private final SecureRandom random = new SecureRandom();

    @GuardedBy("this")
    private final Map<String, Login> logins = new HashMap<>();

    @GuardedBy("this")
    private final Map<String, Account> accounts = new HashMap<>();

    /**
     * @param idleMillis who was not heard of for so long, and has no page open, is logged out
     * @param millis a clock, from any origin
     */
    Logins(Connections connections, long idleMillis, LongSupplier millis) {
        this.idleMillis = idleMillis;
        this.connections = connections;
        this.millis = millis;
    }

    /** A user, with a connection that has that user's rights. */
    record Account(Database database, Reading reading, Actions actions, Feed feed) {
        private static Account of(Database database) {
            Reading reading = new Reading(database, Reading.Detail.ALL);
            return new Account(database, reading, new Actions(database), new Feed(reading));
        }

        String user() {
            return database.user();
        }
    }

    /**
     * Somebody who has logged in. Thread-safe.
     *
     * <p>The cookie says who it is, and the browser sends it by itself; the token says that our page asks.
     */
    static final class Login {
        private final String cookie;
        private final String token;
        private final Account account;
        private volatile long heardAt;

        private Login(String cookie, String token, Account account, long heardAt) {
            this.cookie = cookie;
            this.token = token;
            this.account = account;
            this.heardAt = heardAt;
        }

        String cookie() {
            return cookie;
        }

        String token() {
            return token;
        }

        Account account() {
            return account;
        }
    }

    /** Logs in: the database decides. */
    Login open(String user, String password) throws SQLException {
        Database database = Database.open(connections, user, password);
        boolean isKept = false;
        try {
            Account account = account(database);
            isKept = account.database() == database;
            return add(account);
        } finally {
            if (!isKept) {
                database.close();
            }
        }
    }

    private synchronized Account account(Database database) throws SQLException {
        Account known = accounts.get(database.user());
        if (known != null) {
            return known;
        }
        if (logins.size() >= MOST) {
            throw new SQLException("More than " + MOST + " are logged in. Log out somewhere.", "53000");
        }
        Account account = Account.of(database);
        accounts.put(database.user(), account);
        return account;
    }

    private synchronized Login add(Account account) {
        Login login = new Login(secret(), secret(), account, millis.getAsLong());
        logins.put(login.cookie, login);
        return login;
    }

    private String secret() {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    synchronized Optional<Login> of(String cookie) {
        Optional<Login> login = Optional.ofNullable(logins.get(cookie));
        login.ifPresent(known -> known.heardAt = millis.getAsLong());
        return login;
    }

    void close(Login login) {
        closeAll(remove(List.of(login)), "You have logged out.");
    }

    /** The connection of these is gone: they have to log in again. */
    void lost(Account account, String why) {
        closeAll(removeAccount(account), why);
    }

    private synchronized List<Account> removeAccount(Account account) {
        logins.values().removeIf(login -> login.account.equals(account));
        return accounts.remove(account.user(), account) ? List.of(account) : List.of();
    }

    /** Logs out who was not heard of for long and has no page open; returns who is left. */
    List<Account> current() {
        List<Login> old = new ArrayList<>();
        List<Account> left;
        synchronized (this) {
            long oldest = millis.getAsLong() - idleMillis;
            logins.values().stream()
                    .filter(login ->
                            login.heardAt < oldest && login.account.feed().viewers() == 0)
                    .forEach(old::add);
            left = new ArrayList<>(accounts.values());
        }
        List<Account> closed = remove(old);
        closeAll(closed, "Nobody has looked for a while.");
        left.removeAll(closed);
        return left;
    }

    /** Takes them away; returns the accounts that nobody uses any more. */
    private synchronized List<Account> remove(List<Login> gone) {
        gone.forEach(login -> logins.remove(login.cookie));
        List<Account> unused = new ArrayList<>(accounts.values());
        for (Login login : logins.values()) {
            unused.remove(login.account);
        }
        unused.forEach(account -> accounts.remove(account.user()));
        return unused;
    }

    private static void closeAll(List<Account> accounts, String why) {
        for (Account account : accounts) {
            account.feed().end(why);
            try {
                account.database().close();
            } catch (SQLException closed) {
                // It was on the way out, and is gone one way or the other.
                assert closed.getMessage() != null;
            }
        }
    }

    /** Everybody out. */
    void closeAll(String why) {
        List<Account> all;
        synchronized (this) {
            all = List.copyOf(accounts.values());
            accounts.clear();
            logins.clear();
        }
        closeAll(all, why);
    }
}
