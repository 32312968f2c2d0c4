package io.mortise.examples;

import io.mortise.examples.Bank.Order;
import io.mortise.examples.Bank.Transfer;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Clerks who make transfers at the same time, each on a thread of its own, and a reporter who looks at the lock tables
 * while they do. Used once.
 */
final class Clerks {
    static final int CLERKS = 4;
    static final int TRANSFERS_EACH = 500;
    /** The reporter looks after so many transfers. */
    static final int BETWEEN_LOOKS = 400;
    /** So many accounts are drawn more often than others, so that clerks meet. */
    private static final int BUSY_ACCOUNTS = 4;

    private final Bank bank;
    private final List<Account> accounts;
    private final Narrator narrator;
    private final Semaphore finished = new Semaphore(0);
    private final AtomicInteger made = new AtomicInteger();
    private final AtomicInteger notCovered = new AtomicInteger();
    private final AtomicInteger gaveWay = new AtomicInteger();

    Clerks(Bank bank, List<Account> accounts, Narrator narrator) {
        this.bank = bank;
        this.accounts = accounts;
        this.narrator = narrator;
    }

    /** All transfers have been made or refused when this returns. */
    void work() throws SQLException, InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(CLERKS + 1);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int clerk = 1; clerk <= CLERKS; clerk++) {
                Random dice = new Random(clerk);
                all.add(threads.submit(() -> makeTransfers(dice)));
            }
            all.add(threads.submit(this::report));
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new SQLException("a clerk could not go on: " + e.getMessage(), e);
        } finally {
            threads.shutdownNow();
        }
        narrator.say("%d transfers were asked for: %d were made, %d were refused because the money was not there."
                .formatted(CLERKS * TRANSFERS_EACH, made.get(), notCovered.get()));
        narrator.say("Deadlocks on the way: %d. Each time one clerk gave way, and made the transfer again."
                .formatted(gaveWay.get()));
    }

    private Void makeTransfers(Random dice) throws SQLException {
        for (int i = 0; i < TRANSFERS_EACH; i++) {
            Account from = draw(dice);
            Account to = draw(dice);
            while (to.equals(from)) {
                to = draw(dice);
            }
            Order order = new Order(from.id(), to.id(), BigDecimal.valueOf(dice.nextInt(1, 6000), 2));
            Transfer result = makeUntilItIsThrough(order);
            (result == Transfer.MADE ? made : notCovered).incrementAndGet();
            finished.release();
        }
        return null;
    }

    /** A transfer that was rolled back in favour of another has changed nothing: it is simply made again. */
    private Transfer makeUntilItIsThrough(Order order) throws SQLException {
        while (true) {
            try {
                return bank.transfer(order);
            } catch (SQLTransactionRollbackException e) {
                gaveWay.incrementAndGet();
            }
        }
    }

    private Void report() throws SQLException, InterruptedException {
        for (int seen = BETWEEN_LOOKS; seen <= CLERKS * TRANSFERS_EACH; seen += BETWEEN_LOOKS) {
            finished.acquire(BETWEEN_LOOKS);
            TextTable locks = bank.look("SELECT COUNT(*), COUNT(CASE STATUS WHEN 'PENDING' THEN 1 END) FROM SYS.LOCKS");
            List<String> counts = locks.lines().get(1);
            narrator.say("  after %4d transfers: %3s locks, %s of them waited for"
                    .formatted(seen, counts.get(0), counts.get(1)));
        }
        return null;
    }

    private Account draw(Random dice) {
        boolean busy = dice.nextInt(3) == 0;
        return accounts.get(dice.nextInt(busy ? BUSY_ACCOUNTS : accounts.size()));
    }
}
