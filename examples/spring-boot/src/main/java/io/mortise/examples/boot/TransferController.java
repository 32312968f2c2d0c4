package io.mortise.examples.boot;

import java.util.concurrent.TimeUnit;
import org.springframework.dao.ConcurrencyFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Moves money. A transfer that a deadlock has chosen as its victim is run again. */
@RestController
class TransferController {
    private static final int ATTEMPTS = 3;

    private final JdbcTemplate database;
    private final TransactionTemplate transaction;

    TransferController(JdbcTemplate database, PlatformTransactionManager transactions) {
        this.database = database;
        this.transaction = new TransactionTemplate(transactions);
    }

    /** @param seconds how long somebody looks at it before it is committed: long enough to see what GET /locks says */
    @PostMapping("/transfers")
    void transfer(
            @RequestParam int from,
            @RequestParam int to,
            @RequestParam int amount,
            @RequestParam(defaultValue = "0") int seconds) {
        for (int attempt = 1; ; attempt++) {
            try {
                transaction.executeWithoutResult(status -> {
                    move(-amount, from);
                    look(seconds);
                    move(amount, to);
                });
                return;
            } catch (ConcurrencyFailureException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private void move(int amount, int account) {
        database.update("UPDATE ACCOUNT SET BALANCE = BALANCE + ? WHERE ID = ?", amount, account);
    }

    private static void look(int seconds) {
        try {
            TimeUnit.SECONDS.sleep(seconds);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the server is going down", e);
        }
    }
}
