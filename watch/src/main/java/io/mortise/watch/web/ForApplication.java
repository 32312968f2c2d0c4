package io.mortise.watch.web;

import io.mortise.engine.setting.ServeAddress;
import io.mortise.engine.setting.Watcher;
import java.io.IOException;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/** What the setting WATCH finds: a page that lives as long as the database of the application. Thread-safe. */
public final class ForApplication implements Watcher {
    private static final System.Logger LOG = System.getLogger("mortise.watch");

    @Override
    public Page show(ServeAddress address, Login login) throws IOException {
        InetAddress where =
                address.host().isEmpty() ? InetAddress.getLoopbackAddress() : InetAddress.getByName(address.host());
        Place place = new Place(where, address.port(), Set.of(), Optional.empty(), Place.Life.WITH_DATABASE);
        WatchServer server = WatchServer.start(place, login::connect);
        LOG.log(System.Logger.Level.INFO, "Who blocks whom: {0}", server.url());
        return new Page() {
            @Override
            public int port() {
                return server.port();
            }

            @Override
            public void close() {
                // The database is in the middle of its end, and must not wait for browsers.
                Thread goodbye = new Thread(server::close, "mortise-watch-close");
                goodbye.setDaemon(true);
                goodbye.start();
            }
        };
    }
}
