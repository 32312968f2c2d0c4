package io.mortise.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.watch.read.Database;
import io.mortise.watch.read.Json;
import io.mortise.watch.read.Reading;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page, in a browser: of many sessions, and of transactions that could not be serialized. */
@Timeout(240)
final class PageOfManyTest extends InBrowser {
    private static final String TICKS = """
            const done = arguments[arguments.length - 1];
            let left = 5;
            new MutationObserver((all, watcher) => {
              if (--left === 0) { watcher.disconnect(); done(true); }
            }).observe(document.getElementById('pulse'), { childList: true });
            """;

    private static final String FRAMES = """
            const done = arguments[arguments.length - 1];
            let last = performance.now(), longest = 0, left = 120;
            const frame = (now) => {
              longest = Math.max(longest, now - last);
              last = now;
              if (--left) requestAnimationFrame(frame); else done(Math.round(longest));
            };
            requestAnimationFrame(frame);
            """;

    @Test
    void aTransactionThatCouldNotBeSerializedIsDrawn() {
        shop.failure();
        enter();
        browser.click("#tab-deadlocks");
        browser.awaits("document.querySelectorAll('.circle .node').length === 2");

        assertThat(browser.text("#deadlocks .one"))
                .contains("Session " + shop.ben.id() + " (SA) could not be serialized", "has read ACCOUNTS")
                .contains("SELECT SUM(BALANCE) FROM ACCOUNTS", "What to do");
        assertThat(browser.text("#deadlock-count")).isEqualTo("1");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void aThousandSessionsAndTenThousandWaitsAreAPageOfBoundedSize() throws SQLException {
        try (Crowd crowd = new Crowd(shop);
                Database database = Database.open(shop.connections(), "sa", "")) {
            crowd.hold(100, "LOCK TABLE ACCOUNTS IN SHARE MODE").queue(100, "LOCK TABLE ACCOUNTS IN EXCLUSIVE MODE");
            crowd.idle(800);
            shop.database.expectRows("SELECT COUNT(*) > 10000 FROM SYS.LOCK_WAITS", "TRUE");
            int bytes =
                    Json.of(new Reading(database, Reading.Detail.ALL).moment()).length();
            enter();
            browser.awaits("document.querySelectorAll('#now .card').length > 100");

            assertThat(browser.text("#pulse")).contains("100 sessions wait", "1004 sessions");
            assertThat(Integer.parseInt(browser.script("return document.querySelectorAll('*').length")
                            .toString()))
                    .isLessThan(3000);
            assertThat(bytes).isLessThan(150_000);
            double before = browser.spent("TaskDuration");
            browser.answer(TICKS);
            long each = Math.round((browser.spent("TaskDuration") - before) * 1000 / 5);
            System.out.println("a tick has " + bytes + " characters and takes the browser " + each
                    + " ms; the longest of 120 frames took " + browser.answer(FRAMES) + " ms");
        }
    }
}
