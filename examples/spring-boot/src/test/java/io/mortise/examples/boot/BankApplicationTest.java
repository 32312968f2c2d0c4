package io.mortise.examples.boot;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.util.Objects;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.client.TestRestTemplate;
import org.springframework.http.HttpStatus;

/** The application, started as it is, and asked over HTTP. */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT)
@Timeout(120)
class BankApplicationTest {
    @Autowired
    private TestRestTemplate http;

    @Autowired
    private DataSource pool;

    @Test
    void whoWaitsForWhomIsToldOverHttp() {
        try (Interleaving bank = Interleaving.over(pool)) {
            TestSession clerk = bank.session("clerk");
            TestSession till = bank.session("till");
            clerk.step("UPDATE ACCOUNT SET BALANCE = BALANCE - 10 WHERE ID = 1").expectUpdated(1);
            Step waits =
                    till.step("UPDATE ACCOUNT SET BALANCE = 0 WHERE ID = 1").expectBlockedBy("clerk");

            JsonNode tree = locks();

            assertThat(tree).hasSize(1);
            assertThat(tree.at("/0/session").asInt()).isEqualTo(clerk.id());
            assertThat(tree.at("/0/waiters")).hasSize(1);
            assertThat(tree.at("/0/waiters/0/session").asInt()).isEqualTo(till.id());
            assertThat(tree.at("/0/waiters/0/waitsFor").asText()).contains("ACCOUNT(ID=1)");
            assertThat(tree.at("/0/waiters/0/sql").asText()).startsWith("UPDATE ACCOUNT SET BALANCE = 0");
            clerk.rollback().expectFinished();
            waits.expectUpdated(1);
            till.rollback().expectFinished();
        }
        assertThat(locks()).isEmpty();
    }

    @Test
    void aTransferMovesMoney() {
        assertThat(http.postForEntity("/transfers?from=2&to=3&amount=10", null, Void.class)
                        .getStatusCode())
                .isEqualTo(HttpStatus.OK);

        try (Interleaving bank = Interleaving.over(pool)) {
            bank.expectRows("SELECT BALANCE FROM ACCOUNT WHERE ID > 1 ORDER BY ID", "90", "110");
        }
    }

    private JsonNode locks() {
        return Objects.requireNonNull(http.getForObject("/locks", JsonNode.class));
    }
}
