package io.mortise.watch.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.watch.Shop;
import io.mortise.watch.read.Connections;
import io.mortise.watch.read.Database;
import io.mortise.watch.read.Reading;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What looking costs the database that is looked at. */
@Timeout(120)
final class FeedTest {
    private final AtomicInteger statements = new AtomicInteger();

    /** The shop's, counted. */
    private Connections counted(Shop shop) {
        return (user, password) -> {
            Connection connection = shop.open(user, password);
            return (Connection) Proxy.newProxyInstance(
                    FeedTest.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                        if (method.getName().equals("prepareStatement")) {
                            statements.incrementAndGet();
                        }
                        try {
                            return method.invoke(connection, arguments);
                        } catch (InvocationTargetException e) {
                            throw e.getCause() == null ? e : e.getCause();
                        }
                    });
        };
    }

    private int statementsOfATick(Feed feed) throws SQLException {
        int before = statements.get();
        feed.tick();
        return statements.get() - before;
    }

    @Test
    void aTickReadsOnceForAllAndNotAtAllWhileNobodyLooks() throws SQLException {
        try (Shop shop = new Shop();
                Database database = Database.open(counted(shop), "sa", "")) {
            shop.queue();
            Feed feed = new Feed(new Reading(database, Reading.Detail.ALL));
            assertThat(statementsOfATick(feed)).isZero();

            List<Feed.Viewer> viewers = new ArrayList<>();
            viewers.add(feed.open());
            int ofOne = statementsOfATick(feed);
            for (int i = 0; i < 10; i++) {
                viewers.add(feed.open());
            }
            viewers.forEach(viewer -> viewer.events().clear());
            assertThat(statementsOfATick(feed)).isEqualTo(ofOne).isLessThanOrEqualTo(4);
            assertThat(viewers)
                    .allSatisfy(viewer -> assertThat(viewer.events())
                            .singleElement()
                            .asString()
                            .startsWith("event: moment\n"));

            viewers.forEach(feed::close);
            assertThat(statementsOfATick(feed)).isZero();
        }
    }
}
