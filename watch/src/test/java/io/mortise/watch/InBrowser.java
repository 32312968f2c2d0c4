package io.mortise.watch;

import io.mortise.watch.web.Place;
import io.mortise.watch.web.WatchServer;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A browser for all tests of a class; a shop, and a server of its page, for each. */
abstract class InBrowser {
    @SuppressWarnings("NullAway.Init")
    static Browser browser;

    final Shop shop = new Shop();

    @SuppressWarnings("NullAway.Init")
    WatchServer server;

    @BeforeAll
    static void startBrowser() {
        browser = Browser.start();
    }

    @AfterAll
    @SuppressWarnings("ConstantValue") // Null if there is no browser here.
    static void endBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void start() throws IOException {
        server = WatchServer.start(Place.loopback(0), shop.connections());
    }

    @AfterEach
    void stop() {
        server.close();
        shop.close();
        browser.theme("light");
        browser.size(1400, 900);
    }

    final void enter() {
        browser.enter(server.url(), "sa", "");
    }

    /** Opens all that is known of a session. */
    static void choose(int session) {
        String there = "#now [data-session='%1$d'], #now [data-row='%1$d']".formatted(session);
        browser.awaits("document.querySelector(\"" + there + "\") !== null");
        browser.click(there);
        browser.awaits("document.querySelector('#details h2')?.textContent === 'Session " + session
                + "' && document.querySelector('#details [data-act]') !== null");
    }

    /** Asks for the end; {@link #confirm} answers. */
    static void end(String kind) {
        browser.awaits("!document.querySelector('[data-act=" + kind + "]').disabled");
        browser.click("[data-act='" + kind + "']");
    }

    static void confirm() {
        browser.click("#do-it");
        browser.awaits("document.querySelector('#details .said') !== null");
    }
}
