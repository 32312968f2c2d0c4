package io.mortise.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Step;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page, in a browser: waits for something else than a lock of a session that could be ended. */
@Timeout(240)
final class PageOfRareWaitsTest extends InBrowser {
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @BeforeEach
    void reset() {
        Brake.reset();
    }

    @AfterEach
    void letGo() {
        Brake.release();
        threads.shutdown();
    }

    private static int run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            return statement.getUpdateCount();
        }
    }

    private static int sessionOf(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("CALL SESSION_ID()")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void statementsThatWaitForAConnectionAreSeen() throws Exception {
        try (Connection shared = DriverManager.getConnection(
                        shop.url + ";SESSION_BUSY=WAIT;SESSION_BUSY_TIMEOUT=600000", "sa", "");
                Connection other = shop.open("sa", "")) {
            int session = sessionOf(shared);
            int waiting = sessionOf(other);
            run(shared, "CREATE ALIAS HOLD FOR '" + Brake.class.getName() + ".hold'");
            Future<Integer> runs = threads.submit(() -> run(shared, "SELECT HOLD()"));
            Brake.awaitReached();
            Future<Integer> second = threads.submit(() -> run(shared, "UPDATE ACCOUNTS SET BALANCE = 7 WHERE ID = 1"));
            enter();
            browser.awaits("document.querySelector('#now .card.root')?.textContent.includes('1 statement behind it')");
            assertThat(browser.text("#pulse")).startsWith("1 statement waits for a connection");
            choose(session);
            assertThat(browser.text("#details"))
                    .contains("A second statement waits", "a connection runs one at a time", "SET BALANCE = 7")
                    .contains("SELECT HOLD()")
                    .doesNotContain("changed the statement");

            other.setAutoCommit(false);
            Future<Integer> third = threads.submit(() -> {
                run(other, "UPDATE ACCOUNTS SET BALANCE = 8 WHERE ID = 2");
                return run(shared, "UPDATE ACCOUNTS SET BALANCE = 9 WHERE ID = 1");
            });
            browser.awaits("document.querySelectorAll('#now .card.waits').length === 1");
            assertThat(browser.text("#now .card.waits"))
                    .contains("Session " + waiting, "waits for the statement before it on session " + session);
            choose(waiting);
            assertThat(browser.text("#details"))
                    .contains("for the statement that runs on the connection of session " + session + " (SA)");

            Brake.release();
            assertThat(runs.get()).isEqualTo(-1);
            assertThat(second.get()).isEqualTo(1);
            assertThat(third.get()).isEqualTo(1);
            other.rollback();
            browser.awaits("document.querySelectorAll('#now .card').length === 0");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void aBranchInDoubtIsNamedWithWhatEndsIt() throws Exception {
        try (Connection branch = shop.open("sa", "")) {
            branch.setAutoCommit(false);
            run(branch, "UPDATE ACCOUNTS SET BALANCE = 7 WHERE ID = 1");
            run(branch, "PREPARE COMMIT \"b 1\"");
        }
        Step waits = shop.update(shop.ben, 1).expectWaiting();
        enter();
        browser.awaits("document.querySelectorAll('#now .card.waits').length === 1");

        assertThat(browser.text("#now .card.root"))
                .contains("Branch \"b 1\"", "holds up 1", "in doubt", "no session has it");
        assertThat(browser.text("#now .astext pre")).contains("branch \"b 1\"", "in doubt");
        browser.click("#now .card.root");
        browser.awaits("document.querySelector('#details h2')?.textContent === 'Branch \"b 1\"'");
        assertThat(browser.text("#details")).contains("How to end it", "ROLLBACK TRANSACTION \"b 1\"");
        assertThat(browser.script("return document.querySelectorAll('[data-act]').length"))
                .isEqualTo("0");
        choose(shop.ben.id());
        assertThat(browser.text("#details")).contains("Branch \"b 1\" (SA) has changed it and is in doubt");

        shop.cleo.step("ROLLBACK TRANSACTION \"b 1\"").expectFinished();
        waits.expectUpdated(1);
        browser.awaits("document.querySelectorAll('#now .card').length === 0");
        assertThat(browser.complaints()).isEmpty();
    }
}
