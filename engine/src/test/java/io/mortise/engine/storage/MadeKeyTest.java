package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.h2.api.Trigger;
import org.h2.tools.TriggerAdapter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In two of H2's modes a foreign key makes the unique key to which it refers, with an index of the other table. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
public final class MadeKeyTest {
    private static CountDownLatch reached = new CountDownLatch(0);
    private static CountDownLatch goOn = new CountDownLatch(0);

    /** Stops a query of its table: H2 reads the children when the key of their parents is made, and not committed. */
    public static final class Stop extends TriggerAdapter implements Trigger {
        @Override
        public void fire(Connection connection, ResultSet before, ResultSet after) {
            reached.countDown();
            try {
                goOn.await(60, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @SuppressWarnings("NullAway.Init")
    private Scene scene;

    @SuppressWarnings("NullAway.Init")
    private Scene.Actor definer;

    @SuppressWarnings("NullAway.Init")
    private Scene.Actor reader;

    private void open(String mode) throws Exception {
        scene = Scene.at("jdbc:h2:mem:" + UUID.randomUUID() + ";MODE=" + mode);
        definer = scene.actor();
        reader = scene.actor();
        definer.runs("CREATE TABLE P(ID INT PRIMARY KEY, V INT NOT NULL)");
        definer.runs("INSERT INTO P SELECT X, X FROM SYSTEM_RANGE(1, 20)");
        definer.runs("CREATE TABLE C(ID INT PRIMARY KEY, P INT)");
        definer.runs("INSERT INTO C SELECT X, X FROM SYSTEM_RANGE(1, 20)");
        definer.runs("CREATE TRIGGER G BEFORE SELECT ON C CALL '" + Stop.class.getName() + "'");
    }

    @BeforeEach
    void latches() {
        reached = new CountDownLatch(1);
        goOn = new CountDownLatch(1);
    }

    @AfterEach
    void close() throws Exception {
        goOn.countDown();
        scene.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"LEGACY", "MySQL"})
    void noReadMeetsItsIndexBeforeThatIsCommitted(String mode) throws Exception {
        open(mode);
        Future<Integer> made = definer.begin("ALTER TABLE C ADD CONSTRAINT F FOREIGN KEY (P) REFERENCES P(V)");
        reached.await();

        assertThat(reader.reads("SELECT COUNT(*) FROM P WHERE V = 7")).isEqualTo(1L);
        assertThat(reader.reads("SELECT MAX(V) FROM P")).isEqualTo(20);
        goOn.countDown();
        Scene.finish(made);
        assertThat(reader.reads("SELECT COUNT(*) FROM P WHERE V = 7")).isEqualTo(1L);
    }
}
