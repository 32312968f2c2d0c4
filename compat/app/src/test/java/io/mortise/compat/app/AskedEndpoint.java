package io.mortise.compat.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.TestSession;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.test.annotation.DirtiesContext;

/** An application that is asked for its locks by Actuator while its pool has no connection left. */
@SpringBootTest(
        webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
        properties = {
            "spring.datasource.url=jdbc:mortise:mem:endpoint"
                    + ";INIT=CREATE TABLE IF NOT EXISTS STARTED(ID INT)\\\\;INSERT INTO STARTED VALUES 1",
            "spring.datasource.hikari.maximum-pool-size=1",
            "management.endpoints.web.exposure.include=health,mortise"
        })
@DirtiesContext
abstract class AskedEndpoint {
    @Value("${local.server.port}")
    private int port;

    @Autowired
    private DataSource pool;

    private String ask(String path) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return answer.body();
    }

    private static int rows(Connection connection, String table) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet count = statement.executeQuery("SELECT COUNT(*) FROM " + table)) {
            count.next();
            return count.getInt(1);
        }
    }

    /** What it answers while one session waits for another. */
    final String whileOneWaits() throws Exception {
        try (Connection taken = pool.getConnection();
                Interleaving database = Interleaving.over("jdbc:mortise:mem:endpoint")
                        .setUp("CREATE TABLE SEAT(ID INT PRIMARY KEY, TAKEN INT)", "INSERT INTO SEAT VALUES(7, 0)")) {
            assertThat(taken.isValid(1)).isTrue();
            TestSession ada = database.session("ada");
            TestSession ben = database.session("ben");
            ada.step("UPDATE SEAT SET TAKEN = 1 WHERE ID = 7").expectUpdated(1);
            var waits = ben.step("UPDATE SEAT SET TAKEN = 2 WHERE ID = 7").expectBlockedBy("ada");
            String body = ask("/actuator/mortise");
            assertThat(rows(taken, "STARTED")).isOne(); // It is not the application that has connected.
            ada.rollback().expectFinished();
            waits.expectUpdated(1);
            ben.rollback().expectFinished();
            return body;
        }
    }
}
