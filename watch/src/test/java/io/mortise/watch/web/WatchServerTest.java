package io.mortise.watch.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.watch.Shop;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.BindException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.text.MessageFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whom the server answers, and what. Requests are written by hand: no client sends a forged host. */
@Timeout(120)
final class WatchServerTest {
    private final Shop shop = new Shop();

    @SuppressWarnings("NullAway.Init")
    private WatchServer server;

    private String cookie = "";
    private String token = "";

    @BeforeEach
    void start() throws IOException {
        server = WatchServer.start(Place.loopback(0), shop.connections());
    }

    @AfterEach
    void stop() {
        server.close();
        shop.close();
    }

    private String ask(String first, String headers, String body) throws IOException {
        try (Socket socket = new Socket("localhost", server.port());
                OutputStream out = socket.getOutputStream();
                InputStream in = socket.getInputStream()) {
            String host = headers.contains("Host:") ? "" : "Host: localhost:" + server.port() + "\r\n";
            out.write((first + " HTTP/1.1\r\n" + host + headers + "Connection: close\r\nContent-Length: "
                            + body.length() + "\r\n\r\n" + body)
                    .getBytes(StandardCharsets.UTF_8));
            out.flush();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String logIn(String user, String password) throws IOException {
        String answer = ask("POST /api/login", "", "user=" + user + "&password=" + password);
        Matcher found = Pattern.compile("(?i)set-cookie: ([^;]+);").matcher(answer);
        cookie = found.find() ? "Cookie: " + found.group(1) + "\r\n" : "";
        Matcher secret = Pattern.compile("\"token\":\"([^\"]+)\"").matcher(answer);
        token = secret.find() ? "X-Mortise-Token: " + secret.group(1) + "\r\n" : "";
        return answer;
    }

    @Test
    void aForgedHostIsRefused() throws IOException {
        assertThat(ask("GET /", "Host: evil.example\r\n", "")).startsWith("HTTP/1.1 403");
        assertThat(ask("GET /", "Host: localhost.evil.example:80\r\n", "")).startsWith("HTTP/1.1 403");
        assertThat(ask("GET /", "Host: 127.0.0.1:1\r\n", "")).startsWith("HTTP/1.1 200");
        assertThat(ask("GET /", "Host: [::1]:1\r\n", "")).startsWith("HTTP/1.1 200");
    }

    @Test
    void aForeignOriginIsRefused() throws IOException {
        logIn("sa", "");
        String body = "kind=cancel&session=1";
        assertThat(ask("POST /api/act", cookie + token + "Origin: http://evil.example\r\n", body))
                .startsWith("HTTP/1.1 403");
        assertThat(ask("POST /api/act", cookie + token + "Origin: null\r\n", body))
                .startsWith("HTTP/1.1 403");
        assertThat(ask("GET /api/me", cookie + "Sec-Fetch-Site: cross-site\r\n", ""))
                .startsWith("HTTP/1.1 403");
    }

    @Test
    void behindAProxyThatSpeaksHttpsThePageWorksAndItsCookieIsSecure() throws IOException {
        String host = "Host: localhost:8443\r\n";
        assertThat(ask("POST /api/login", host + "Origin: https://localhost:8443\r\n", "user=sa&password="))
                .startsWith("HTTP/1.1 200")
                .contains("; Secure");
        assertThat(ask("POST /api/login", host + "Origin: https://localhost\r\n", "user=sa&password="))
                .startsWith("HTTP/1.1 403");
        assertThat(logIn("sa", "")).doesNotContain("Secure");
    }

    @Test
    void anActionNeedsTheTokenAndTheCookie() throws IOException {
        logIn("sa", "");
        String body = "kind=disconnect&session=" + shop.ada.id();
        assertThat(ask("POST /api/act", cookie, body)).startsWith("HTTP/1.1 403");
        assertThat(ask("POST /api/act", cookie + "X-Mortise-Token: x\r\n", body))
                .startsWith("HTTP/1.1 403");
        assertThat(ask("POST /api/act", token, body)).startsWith("HTTP/1.1 401");
        shop.update(shop.ada, 1).expectUpdated(1);

        assertThat(ask("POST /api/act", cookie + token, body)).contains("was disconnected");
        shop.database.expectRows("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1", "100");
    }

    @Test
    void theSessionCookieIsForThePageAlone() throws IOException {
        assertThat(logIn("sa", "")).contains("HttpOnly; SameSite=Strict; Path=/");
        assertThat(ask("GET /", "", ""))
                .contains("default-src 'none'; script-src 'self'")
                .doesNotContain("unsafe");
    }

    @Test
    void nothingIsToldWithoutALogin() throws IOException {
        for (String path : new String[] {"events", "session?id=1", "report"}) {
            assertThat(ask("GET /api/" + path, "", "")).startsWith("HTTP/1.1 401");
        }
        assertThat(ask("GET /../../etc/passwd", "", "")).startsWith("HTTP/1.1 401");
        assertThat(ask("GET /api/me", "", "")).endsWith("{}");
    }

    @Test
    void afterALogOutTheCookieOpensNothing() throws IOException {
        logIn("sa", "");
        assertThat(ask("GET /api/session?id=1", cookie, "")).startsWith("HTTP/1.1 200");
        assertThat(ask("POST /api/logout", cookie + token, "")).startsWith("HTTP/1.1 200");
        assertThat(ask("GET /api/session?id=1", cookie, "")).startsWith("HTTP/1.1 401");
        shop.database.expectRows("SELECT COUNT(*) FROM SYS.SESSIONS WHERE CLIENT_INFO = 'mortise-watch'", "0");
    }

    @Test
    void wrongPasswordsAreSlowedDown() throws IOException {
        for (int i = 0; i < 3; i++) {
            assertThat(logIn("sa", "wrong")).startsWith("HTTP/1.1 401");
        }
        assertThat(logIn("sa", "")).startsWith("HTTP/1.1 429").contains("Try again in");
    }

    @Test
    void patienceDoublesAndIsForgottenByARightPassword() {
        AtomicLong clock = new AtomicLong();
        Patience patience = new Patience(3, clock::get);
        for (int i = 0; i < 5; i++) {
            patience.failed("here");
        }
        assertThat(patience.wait("here")).isEqualTo(4000);
        assertThat(patience.wait("there")).isZero();
        clock.set(4000);
        assertThat(patience.wait("here")).isZero();
        for (int i = 0; i < 50; i++) {
            patience.failed("here");
        }
        assertThat(patience.wait("here")).isEqualTo(30_000);
        patience.succeeded("here");
        assertThat(patience.wait("here")).isZero();
    }

    @Test
    void aPortThatIsTakenIsSaid() {
        assertThatThrownBy(() -> WatchServer.start(Place.loopback(server.port()), shop.connections()))
                .isInstanceOf(BindException.class);
    }

    @Test
    void onAnotherAddressTheLogSaysThatItIsNotEncrypted() throws IOException {
        List<String> said = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                said.add(MessageFormat.format(entry.getMessage(), entry.getParameters()));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger log = Logger.getLogger("mortise.watch");
        log.addHandler(handler);
        InetAddress everywhere = InetAddress.getByName("0.0.0.0");
        Place place = new Place(everywhere, 0, Set.of(), Optional.empty(), Place.Life.BY_ITSELF);
        try (WatchServer open = WatchServer.start(place, shop.connections())) {
            assertThat(said)
                    .containsExactly(open.url() + " is not encrypted: passwords and statements cross the network"
                            + " as they are. Give a key store for HTTPS.");
        } finally {
            log.removeHandler(handler);
        }
    }

    @Test
    void plainH2IsToldWhatToChange() throws IOException {
        try (WatchServer plain = WatchServer.start(
                Place.loopback(0), (user, password) -> DriverManager.getConnection("jdbc:h2:mem:", user, password))) {
            WatchServer ours = server;
            server = plain;
            assertThat(logIn("sa", "")).startsWith("HTTP/1.1 502").contains("no lock tables", "jdbc:mortise:");
            server = ours;
        }
    }

    @Test
    void watchInTheUrlShowsThePageUntilTheDatabaseCloses() throws SQLException, IOException {
        WatchServer ours = server;
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:watched;WATCH=http:0", "sa", "");
                Statement statement = connection.createStatement();
                var address = statement.executeQuery("SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'watch'")) {
            address.next();
            int port = Integer.parseInt(address.getString(1).replace("http:", ""));
            try (Socket socket = new Socket("localhost", port)) {
                socket.getOutputStream()
                        .write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.UTF_8));
                assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                        .startsWith("HTTP/1.1 200");
            }
            statement.execute("SET PARAMETER WATCH = ''");
        }
        server = ours;
        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:mortise:mem:;WATCH=http:0", "sa", ""))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("has no name");
    }
}
