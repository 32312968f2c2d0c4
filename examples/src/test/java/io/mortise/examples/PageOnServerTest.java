package io.mortise.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.examples.server.Place;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.TestSession;
import io.mortise.watch.read.Database;
import io.mortise.watch.read.Reading;
import io.mortise.watch.read.Reading.Detail;
import io.mortise.watch.read.Rows;
import java.sql.DriverManager;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** All that the page asks for can be read from a PostgreSQL server, and shows who waits for whom there. */
@Timeout(300)
final class PageOnServerTest {
    @Test
    void thePageShowsWhoWaitsForWhomOnAServer() throws Exception {
        try (Place place = Place.at(Place.OWN_SERVER, "page");
                Interleaving stage = Interleaving.over(place.url() + "&CURRENT_SCHEMA=page");
                Database watched = Database.open(
                        (user, password) -> DriverManager.getConnection(place.url(), user, password), "postgres", "")) {
            stage.setUp("CREATE TABLE shop (id INT PRIMARY KEY, stock INT)", "INSERT INTO shop VALUES (1, 10)");
            TestSession ada = stage.session("Ada");
            TestSession ben = stage.session("Ben");
            ada.step("UPDATE shop SET stock = 9 WHERE id = 1").expectUpdated(1);
            ben.step("UPDATE shop SET stock = 8 WHERE id = 1").expectBlockedBy("Ada");

            Map<String, Object> all = new Reading(watched, Detail.ALL).everything();

            Rows tree = new Reading(watched, Detail.ALL).tree();
            assertThat(tree.size()).isEqualTo(2);
            assertThat(tree.number(0, "SESSION")).isEqualTo(ada.id());
            assertThat(tree.number(1, "SESSION")).isEqualTo(ben.id());
            assertThat(tree.text(1, "WAITS_FOR")).isEqualTo("EX ROW page.shop(id=1)");
            assertThat(all).containsKeys("about", "past", "deadlocks", "tables");
            ada.rollback().expectFinished();
            ben.rollback().expectFinished();
        }
    }
}
