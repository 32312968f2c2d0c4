package io.mortise.watch;

import io.mortise.watch.web.Place;
import io.mortise.watch.web.WatchServer;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;

/**
 * Pictures of all views for somebody with taste to look at: with 0, 3, 40 and 300 sessions, 400 and 1400 pixels wide,
 * light and dark. {@code -Dwatch.pictures} names the folder. A program and no test: whether it is beautiful, nobody can
 * assert.
 */
public final class Gallery {
    private static final List<Integer> WIDTHS = List.of(400, 1400);

    private Gallery() {}

    public static void main(String[] counts) throws IOException, SQLException {
        try (Browser browser = Browser.start()) {
            for (String count : counts) {
                try (Shop shop = new Shop();
                        Crowd crowd = new Crowd(shop);
                        WatchServer server = WatchServer.start(Place.loopback(0), shop.connections())) {
                    fill(shop, crowd, Integer.parseInt(count));
                    browser.enter(server.url(), "sa", "");
                    picture(browser, count);
                }
            }
        }
    }

    private static void fill(Shop shop, Crowd crowd, int sessions) throws SQLException {
        if (sessions == 0) {
            return;
        }
        shop.deadlock();
        shop.failure();
        if (sessions <= 3) {
            shop.queue();
            return;
        }
        String update = "UPDATE ACCOUNTS SET BALANCE = BALANCE - 12 WHERE ID = ";
        crowd.hold(1, update + 1)
                .queue(sessions / 4, update + 1)
                .hold(1, update + 2)
                .queue(sessions / 4, update + 2);
        crowd.idle(sessions / 2);
    }

    private static void picture(Browser browser, String count) throws IOException {
        for (String view : List.of("now", "past", "deadlocks", "tables")) {
            browser.click("#tab-" + view);
            for (int width : WIDTHS) {
                browser.size(width, width == 400 ? 860 : 800);
                for (String theme : List.of("light", "dark")) {
                    browser.theme(theme);
                    browser.script("window.dispatchEvent(new Event('resize'))");
                    browser.picture(view + "-" + count + "-" + width + "-" + theme);
                }
            }
        }
    }
}
