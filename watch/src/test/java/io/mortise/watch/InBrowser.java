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
}
