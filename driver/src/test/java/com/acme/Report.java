package com.acme;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;

/** Sums up accounts and sends the sum, which takes its time. */
public final class Report {
    private final CountDownLatch sums = new CountDownLatch(1);
    private final CountDownLatch network = new CountDownLatch(1);

    /** Reads, and goes on to send without having ended its transaction. */
    public int run(Connection connection, String query) throws SQLException, InterruptedException {
        try (Statement statement = connection.createStatement();
                ResultSet sum = statement.executeQuery(query)) {
            sum.next();
        }
        send();
        return 0;
    }

    private void send() throws InterruptedException {
        sums.countDown();
        network.await();
    }

    /** Returns once it has read what it sends. */
    public void awaitRead() throws InterruptedException {
        sums.await();
    }

    /** Lets it end. */
    public void end() {
        network.countDown();
    }
}
