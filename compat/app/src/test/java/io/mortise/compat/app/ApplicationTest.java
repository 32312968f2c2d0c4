package io.mortise.compat.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.JdbcTemplate;

/** The application, started whole and asked over HTTP. */
@SpringBootTest(webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT)
class ApplicationTest {
    @Value("${local.server.port}")
    private int port;

    @Autowired
    private JdbcTemplate jdbc;

    private String send(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        HttpResponse<String> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    @Test
    void itKeepsAccountsAndSeesItsLocks() throws Exception {
        send("POST", "/accounts/ada/100");

        assertThat(send("POST", "/accounts/ada/locked")).contains("ACCOUNT", "ID=1", "GRANTED");
        assertThat(send("GET", "/accounts/ada")).isEqualTo("101");
        assertThat(send("GET", "/actuator/health")).contains("UP");
    }

    @Test
    void itRunsOnTheH2ThatIsInside() {
        assertThat(jdbc.queryForObject("SELECT H2VERSION()", String.class)).isEqualTo("2.5.252");
        assertThat(jdbc.queryForObject("SELECT CURRENT_USER", String.class)).isEqualTo("SA");
    }
}
