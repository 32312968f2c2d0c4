package io.mortise.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Step;
import io.mortise.watch.read.Database;
import io.mortise.watch.read.Reading;
import io.mortise.watch.read.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The page, in a browser. */
@Timeout(240)
final class PageTest extends InBrowser {
    private static final String EVIL = "<img src=x onerror=window.hacked=1>";

    @Test
    void aThreePartyWaitAppearsWhileOneLooks() throws IOException {
        enter();
        assertThat(browser.text("#now .calm")).isEqualTo("Nobody waits.");

        shop.queue();
        browser.awaits("document.querySelectorAll('#now .card.waits').length === 2");

        assertThat(browser.text("#now .card.root")).contains("Session " + shop.ada.id(), "holds up 2");
        assertThat(browser.text("#now .card.waits")).contains("wants to change", "ACCOUNTS ID=1");
        assertThat(browser.text("#now .astext pre")).contains("└ session " + shop.ben.id());
        browser.size(1400, 620);
        browser.picture("now");
        choose(shop.ben.id());
        assertThat(browser.text("#details"))
                .contains("UPDATE ACCOUNTS", "session Ben", "Session " + shop.ada.id() + " (SA) has changed it");
        browser.size(400, 860);
        browser.theme("dark");
        browser.click("#details .close");
        browser.picture("now-400-dark");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void aUserWithoutRightsSeesWhoWaitsAndNoStatement() {
        shop.queue();
        browser.enter(server.url(), "eve", "eve");
        browser.awaits("document.querySelectorAll('#now .card.waits').length === 2");

        assertThat(browser.text("body")).doesNotContain("UPDATE ACCOUNTS");
        choose(shop.ada.id());
        assertThat(browser.text("#details")).contains("for its own user and for administrators");
        end("roll-back");
        confirm();
        assertThat(browser.text("#details .said")).contains("EVE");
        assertThat(shop.ben.isWaiting()).isTrue();
    }

    @Test
    void theTimelineGoesBackToAWaitThatIsOver() throws IOException {
        shop.update(shop.ada, 1).expectUpdated(1);
        shop.ben.step("SET LOCK_TIMEOUT 2000").expectFinished();
        shop.update(shop.ben, 1).expectError("HYT00");
        enter();
        assertThat(browser.text("#now .calm")).isEqualTo("Nobody waits.");

        browser.click("#tab-past");
        browser.awaits("document.querySelector('.lanes .waited') !== null");
        browser.click(".zoom button");
        browser.script("const bar = document.querySelector('.lanes .waited').getBoundingClientRect();"
                + "document.querySelector('.lanes svg').dispatchEvent(new MouseEvent('click',"
                + " {bubbles: true, clientX: bar.x + bar.width / 2, clientY: bar.y}))");
        browser.awaits("document.querySelectorAll('#past .card.waits').length === 1");

        browser.size(1400, 520);
        browser.picture("past");
        assertThat(browser.text("#past .card.waits")).contains("Session " + shop.ben.id(), "ACCOUNTS ID=1");
        assertThat(browser.text("#past .card.root")).contains("Session " + shop.ada.id());
        browser.script("const bar = document.querySelector('input[type=range]'); bar.value = 1000;"
                + " bar.dispatchEvent(new Event('input'))");
        browser.awaits("document.querySelectorAll('#past .card.waits').length === 0");
    }

    @Test
    void aDeadlockIsDrawnAndItsScriptCopied(@TempDir Path folder) throws IOException {
        shop.deadlock();
        enter();
        browser.mayCopy(server.url());
        browser.click("#tab-deadlocks");
        browser.awaits("document.querySelectorAll('.circle .node').length === 2");

        assertThat(browser.text("#deadlocks .one")).contains("Session " + shop.ben.id() + " (SA) gave way");
        browser.size(1400, 720);
        browser.picture("deadlock");
        browser.click("#deadlocks .bar button");
        browser.awaits("document.querySelector('#deadlocks .bar button').textContent === 'Copied'");
        Object copied = browser.answer("navigator.clipboard.readText().then(arguments[0])");
        assertThat(copied.toString()).contains("a: UPDATE ACCOUNTS", "-- deadlock, victim b");

        browser.click("#deadlocks .bar button + button");
        browser.awaits("document.querySelector('#deadlocks .bar button + button').textContent === 'Copied'");
        Path test = folder.resolve("Deadlock1Test.java");
        Files.writeString(
                test,
                browser.answer("navigator.clipboard.readText().then(arguments[0])")
                        .toString());
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, "-proc:none", test.toString()))
                .as("it compiles")
                .isZero();
        assertThat(test).content().contains("a: UPDATE ACCOUNTS", ".replay(database)");
    }

    @Test
    void aCardThatStaysKeepsItsPlace() {
        shop.update(shop.ada, 1).expectUpdated(1);
        shop.update(shop.ben, 1).expectBlockedBy("Ada");
        enter();
        browser.awaits("document.querySelectorAll('#now .card.waits').length === 1");
        browser.script("window.before = [...document.querySelectorAll('#now .card')];"
                + "window.places = before.map((card) => card.style.transform).join()");

        shop.update(shop.cleo, 1).expectWaiting();
        browser.awaits("document.querySelectorAll('#now .card.waits').length === 2");

        assertThat(browser.script("return before.every((card) => card.isConnected) && places"
                        + " === before.map((card) => card.style.transform).join()"))
                .isEqualTo("true");
    }

    @Test
    void aStatementIsCancelledATransactionRolledBackASessionDisconnected() {
        shop.update(shop.ada, 1).expectUpdated(1);
        Step second = shop.update(shop.ben, 1).expectBlockedBy("Ada");
        Step third = shop.update(shop.cleo, 1).expectWaiting();
        enter();
        browser.awaits("document.querySelectorAll('#now .card.waits').length === 2");

        choose(shop.cleo.id());
        end("cancel");
        assertThat(browser.text("#confirm")).contains("The transaction stays open");
        confirm();
        third.expectError("57014");

        choose(shop.ada.id());
        end("roll-back");
        assertThat(browser.text("#confirm")).contains("1 changed row will be lost", "waits for it");
        confirm();
        second.expectUpdated(1);

        choose(shop.ben.id());
        end("disconnect");
        confirm();
        shop.database.expectRows("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1", "100");
    }

    @Test
    void aWrongPasswordIsSaidAndTheNextOneTaken() {
        browser.open(server.url());
        browser.logIn("sa", "wrong");
        browser.awaits("document.getElementById('login-error').textContent !== ''");
        assertThat(browser.text("#login-error")).isEqualTo("Wrong user name or password.");

        browser.script("document.getElementById('user').value = ''; document.getElementById('password').value = ''");
        browser.logIn("sa", "");
        browser.awaits("!document.getElementById('page').hidden");
    }

    @Test
    void whatOthersHaveChosenIsTextAndNeverMarkup() throws SQLException {
        try (Connection admin = shop.open("sa", "");
                Statement statement = admin.createStatement()) {
            statement.execute("CREATE USER \"" + EVIL + "\" PASSWORD 'x' ADMIN");
            statement.execute("CREATE TABLE \"" + EVIL + "\"(ID VARCHAR PRIMARY KEY, V INT)");
            statement.execute("INSERT INTO \"" + EVIL + "\" VALUES('" + EVIL + "', 0)");
        }
        String update = "UPDATE \"" + EVIL + "\" SET V = V + 1 /* " + EVIL + " */";
        shop.ada.step(update).expectUpdated(1);
        shop.ada.step("SELECT ADVISORY_LOCK('" + EVIL + "')").expectFinished();
        Step waits = shop.ben.step(update).expectWaiting();
        shop.cleo.step("SELECT ADVISORY_LOCK('" + EVIL + "')").expectWaiting();
        browser.enter(server.url(), EVIL, "x");
        browser.awaits("document.querySelectorAll('#now .card.waits').length === 2");
        assertThat(browser.text("#now .graph")).contains(EVIL);
        choose(shop.ada.id());
        for (String view : new String[] {"past", "deadlocks", "tables"}) {
            browser.click("#tab-" + view);
        }
        assertThat(browser.script("return document.images.length + ' ' + window.hacked"))
                .isEqualTo("0 undefined");
        assertThat(browser.complaints()).isEmpty();
        shop.ada.rollback().expectFinished();
        waits.expectUpdated(1);
    }

    @Test
    void theApplicationEndsWhileThePageIsOpen() {
        shop.queue();
        enter();
        browser.awaits("document.querySelectorAll('#now .card.waits').length === 2");
        server.close();
        browser.awaits("!document.getElementById('gone').hidden");

        assertThat(browser.text("#gone")).contains("What you see is from");
        assertThat(browser.text("#now .card.root")).contains("holds up 2");
    }

    @Test
    void theKeyboardIsEnough() {
        shop.queue();
        enter();
        browser.awaits("document.querySelectorAll('#now .card.waits').length === 2");
        browser.script("document.getElementById('tab-now').focus()");
        browser.press(Keys.ARROW_RIGHT);
        browser.awaits("!document.getElementById('past').hidden");
        browser.press(Keys.ARROW_LEFT);
        browser.press(Keys.TAB);
        assertThat(browser.script("return document.activeElement.dataset.session"))
                .isEqualTo(Integer.toString(shop.ada.id()));
        browser.press(Keys.ARROW_DOWN);
        browser.press(Keys.ENTER);
        browser.awaits("document.querySelector('#details [data-act]') !== null");
        assertThat(browser.text("#details h2")).isEqualTo("Session " + shop.ben.id());
        browser.press(Keys.ESCAPE);
        browser.awaits("document.getElementById('details').hidden");
        assertThat(browser.script("return document.activeElement.dataset.session"))
                .isEqualTo(Integer.toString(shop.ben.id()));
        browser.press("/");
        assertThat(browser.script("return document.activeElement.id")).isEqualTo("filter");
    }

    /** Presses Tab until this is true of what has the focus. */
    private static void tabTo(String expression) {
        String there = "return (function (it) { return " + expression + "; })(document.activeElement)";
        for (int i = 0; i < 40 && !browser.script(there).equals("true"); i++) {
            browser.press(Keys.TAB);
        }
        assertThat(browser.script(there)).as(expression).isEqualTo("true");
    }

    @Test
    void aBlockerIsEndedAndThePastLookedAtWithoutAMouse() {
        shop.deadlock();
        shop.failure();
        shop.update(shop.ada, 1).expectUpdated(1);
        Step waits = shop.update(shop.ben, 1).expectBlockedBy("Ada");
        enter();
        browser.awaits("document.querySelectorAll('#now .card.waits').length === 1");
        tabTo("it.dataset.session === '" + shop.ada.id() + "'");
        browser.press(Keys.ENTER);
        browser.awaits("document.querySelector('#details [data-act]') !== null");
        tabTo("it.dataset.act === 'roll-back'");
        browser.press(Keys.ENTER);
        browser.awaits("document.getElementById('confirm').open");
        assertThat(browser.script("return document.activeElement.textContent")).isEqualTo("Leave it");
        browser.press(Keys.ESCAPE);
        browser.awaits("!document.getElementById('confirm').open");
        assertThat(shop.ben.isWaiting()).isTrue();
        tabTo("it.dataset.act === 'roll-back'");
        browser.press(Keys.ENTER);
        tabTo("it.id === 'do-it'");
        browser.press(Keys.ENTER);
        browser.awaits("document.querySelector('#details .said') !== null");
        waits.expectUpdated(1);
        browser.press(Keys.ESCAPE);

        browser.script("document.getElementById('tab-now').focus()");
        browser.press(Keys.ARROW_RIGHT);
        tabTo("it.type === 'range'");
        browser.press(Keys.ARROW_LEFT);
        browser.awaits("document.querySelector('#past h2').textContent.startsWith('At ')");
        browser.script("document.getElementById('tab-past').focus()");
        browser.press(Keys.ARROW_RIGHT);
        tabTo("it.dataset.key === 'f1'");
        browser.press(Keys.ARROW_DOWN);
        browser.awaits("document.activeElement.dataset.key === 'd1'");
        assertThat(browser.text("#deadlocks .one h2")).startsWith("Deadlock 1");
    }

    @Test
    void aReportOpensFromDisk(@TempDir Path folder) throws SQLException, IOException {
        shop.deadlock();
        shop.queue();
        Path file = folder.resolve("hang.html");
        try (Database database = Database.open(shop.connections(), "sa", "")) {
            Files.writeString(file, Report.of(new Reading(database, Reading.Detail.ALL)));
        }
        server.close();
        browser.withoutNetwork(() -> {
            browser.open(file.toUri().toString());
            browser.awaits("document.querySelectorAll('#now .card.waits').length === 2");
            browser.click("#now .card.waits");

            assertThat(browser.text("#details")).contains("UPDATE ACCOUNTS");
            assertThat(browser.script("return document.querySelectorAll('[data-act]').length"))
                    .isEqualTo("0");
            browser.click("#tab-deadlocks");
            assertThat(browser.script("return document.querySelectorAll('.circle .node').length"))
                    .isEqualTo("2");
            assertThat(browser.complaints()).isEmpty();
        });
    }
}
