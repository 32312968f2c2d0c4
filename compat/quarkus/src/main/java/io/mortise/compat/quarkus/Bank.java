package io.mortise.compat.quarkus;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;

/** Moves money. */
@ApplicationScoped
public class Bank {
    @Inject
    EntityManager entities;

    /** Opens an account. */
    @Transactional
    public void open(int id, int balance) {
        Account account = new Account();
        account.id = id;
        account.balance = balance;
        entities.persist(account);
    }

    /** Locks the account with the lower number first. */
    @Transactional
    public void move(int from, int to, int amount) {
        Account lower = entities.find(Account.class, Math.min(from, to), LockModeType.PESSIMISTIC_WRITE);
        Account higher = entities.find(Account.class, Math.max(from, to), LockModeType.PESSIMISTIC_WRITE);
        (from < to ? lower : higher).balance -= amount;
        (from < to ? higher : lower).balance += amount;
    }

    /** Locks the first and asks for the second while the first is held: two of these in opposite order deadlock. */
    @Transactional
    public void moveInOrder(int from, int to, Runnable between) {
        entities.find(Account.class, from, LockModeType.PESSIMISTIC_WRITE).balance--;
        between.run();
        entities.find(Account.class, to, LockModeType.PESSIMISTIC_WRITE).balance++;
    }

    /** Of all accounts. */
    @Transactional
    public long sum() {
        return entities.createQuery("select sum(balance) from Account", Long.class)
                .getSingleResult();
    }
}
