package io.mortise.examples;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;

/**
 * A bank with forty accounts: clerks move money between them at the same time, and the program tells what the driver knows
 * meanwhile. At the end no money is lost.
 */
public final class BankRun {
    private final Narrator narrator;

    public BankRun(PrintStream out) {
        this.narrator = new Narrator(out);
    }

    public static void main(String[] args) throws SQLException, InterruptedException {
        new BankRun(new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8)).run();
    }

    /** Opens the bank, plays the acts, and counts the money. */
    public void run() throws SQLException, InterruptedException {
        List<Account> accounts = Account.shipped();
        try (HikariDataSource pool = pool()) {
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
            countMoney(bank, before);
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

    private static HikariDataSource pool() {
        HikariConfig config = new HikariConfig();
        config.setPoolName("bank");
        // A minute: on a slow machine a staged wait must not run into its timeout while it is being shown.
        config.setJdbcUrl("jdbc:mortise:mem:bank;LOCK_TIMEOUT=60000");
        config.setUsername("sa");
        config.setMaximumPoolSize(8);
        return new HikariDataSource(config);
    }
}
