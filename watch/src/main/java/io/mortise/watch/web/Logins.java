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
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Who is logged in. Thread-safe. Those who log in as the same user share one connection; it is closed when the last of
 * them has logged out, or was not heard of for a while.
 */
final class Logins {
    private static final int MOST = 100;
    /** Of one user; the one that was not heard of for the longest time goes for the next. */
    private static final int MOST_OF_A_USER = 20;

    private final Connections connections;
    private final long idleMillis;
    private final LongSupplier millis;
    private final SecureRandom random = new SecureRandom();

    @GuardedBy("this")
    private final Map<String, Login> logins = new HashMap<>();

    @GuardedBy("this")
    private final Map<String, Account> accounts = new HashMap<>();

    /** Set once: who is about to log in then must not keep a connection. */
    @GuardedBy("this")
    private boolean isClosed;

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

    /** Logs in: the database decides. Not at the same time as another: see {@link Door}. */
    Login open(String user, String password) throws SQLException {
        Database database = Database.open(connections, user, password);
        boolean isKept = false;
        try {
            letGoOfFormer(database.user());
            Login login = add(database);
            isKept = login.account.database().equals(database);
            return login;
        } finally {
            if (!isKept) {
                database.close();
            }
        }
    }

    /**
     * A user who has been given another name, or was dropped, must not lend his rights to the next one of that name.
     */
    private void letGoOfFormer(String user) {
        Account known;
        synchronized (this) {
            known = accounts.get(user);
        }
        if (known != null && !known.database().isStill(user)) {
            lost(known, "The user " + user + " is another one now.");
        }
    }

    private synchronized Login add(Database database) throws SQLException {
        if (isClosed) {
            throw new SQLException("The page is being closed.", "08003");
        }
        List<Login> ofTheSame = logins.values().stream()
                .filter(login -> login.account.user().equals(database.user()))
                .sorted(Comparator.comparingLong(login -> login.heardAt))
                .toList();
        if (ofTheSame.size() >= MOST_OF_A_USER) {
            logins.remove(ofTheSame.get(0).cookie);
        } else if (logins.size() >= MOST) {
            throw new SQLException("More than " + MOST + " are logged in. Log out somewhere.", "53000");
        }
        Account account = accounts.computeIfAbsent(database.user(), name -> Account.of(database));
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
        accounts.forEach(account -> account.feed().end(why));
        disconnect(accounts);
    }

    /** May take as long as what their connections are doing. */
    static void disconnect(List<Account> accounts) {
        for (Account account : accounts) {
            try {
                account.database().close();
            } catch (SQLException closed) {
                // It was on the way out, and is gone one way or the other.
                assert closed.getMessage() != null;
            }
        }
    }

    /** Everybody out, for good. Returns whose connections are still to be closed. */
    List<Account> endAll(String why) {
        List<Account> all;
        synchronized (this) {
            isClosed = true;
            all = List.copyOf(accounts.values());
            accounts.clear();
            logins.clear();
        }
        all.forEach(account -> account.feed().end(why));
        return all;
    }
}
