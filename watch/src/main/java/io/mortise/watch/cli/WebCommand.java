package io.mortise.watch.cli;

import io.mortise.watch.web.Place;
import io.mortise.watch.web.WatchServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code web URL} */
@Command(
        name = "web",
        description = "Show the page, until you press Ctrl+C. Who opens it logs in as a user of the database.",
        mixinStandardHelpOptions = true)
final class WebCommand implements Callable<Integer> {
    @Mixin
    private final Access access = new Access();

    @Option(
            names = "--port",
            defaultValue = "8085",
            description = "${DEFAULT-VALUE} if you give none; 0: any that is free")
    private int port = 8085;

    @Option(
            names = "--address",
            description = "an address of this machine, for others to look; loopback if you give none")
    private @Nullable InetAddress address;

    @Option(names = "--host", description = "a name that browsers may call this machine by")
    private Set<String> hosts = new HashSet<>();

    @Option(names = "--key-store", description = "for HTTPS; its password stands in MORTISE_KEY_STORE_PASSWORD")
    private @Nullable Path keyStore;

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        access.open()
                .close(); // What is wrong with the URL, the user or the database is said here, and not to a browser.
        Set<String> names = new HashSet<>();
        hosts.forEach(host -> names.add(host.toLowerCase(Locale.ROOT)));
        InetAddress at = address == null ? InetAddress.getLoopbackAddress() : address;
        Optional<SSLContext> tls = keyStore == null ? Optional.empty() : Optional.of(tls(keyStore));
        Place place = new Place(at, port, names, tls, Place.Life.BY_ITSELF);
        try (WatchServer server = WatchServer.start(place, access.connections())) {
            spec.commandLine().getOut().println("Open " + server.url() + " (Ctrl+C ends it)");
            new CountDownLatch(1).await();
        } catch (BindException e) {
            boolean isOurs = at.isAnyLocalAddress() || NetworkInterface.getByInetAddress(at) != null;
            String what = isOurs ? "Port " + port + " of " + at.getHostAddress() : at.getHostAddress();
            String todo = isOurs
                    ? "--port takes another, 0 any that is free."
                    : "This machine has no such address. Without --address, only this machine can look.";
            throw new IOException(what + " cannot be had: " + e.getMessage() + ". " + todo, e);
        }
        return 0;
    }

    private static SSLContext tls(Path file) throws IOException, GeneralSecurityException {
        String password = System.getenv("MORTISE_KEY_STORE_PASSWORD");
        char[] secret = password == null ? new char[0] : password.toCharArray();
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, secret);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, secret);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);
        return tls;
    }
}
