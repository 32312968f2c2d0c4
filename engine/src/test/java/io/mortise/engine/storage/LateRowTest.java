package io.mortise.engine.storage;

import static io.mortise.engine.storage.Scene.finish;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.error.StatementEndedException;
import io.mortise.engine.fault.Ambush;
import io.mortise.engine.fault.Spot;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.policy.MvccPolicy;
import java.sql.BatchUpdateException;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A row of a batch that is told to end when it has done its work and has not said so yet. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class LateRowTest {
    @AfterEach
    void lift() {
        Ambush.lift();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theClientHearsWhyItsRowWasEnded(boolean isAutoCommit) throws Exception {
        try (Scene scene = Scene.with(new MvccPolicy(30_000, false))) {
            Scene.Actor other = scene.actor();
            other.runs("CREATE TABLE T(ID INT PRIMARY KEY)");
            Scene.Actor actor = scene.actor();
            Storage.of(actor.session)
                    .ownCommands()
                    .setOn(false); // H2 runs them: its rows are not decided at one moment.
            actor.connection.setAutoCommit(isAutoCommit);

            BatchUpdateException failure = finish(actor.does(() -> batch(actor)));

            assertThat((Throwable) failure.getNextException()).isInstanceOf(StatementEndedException.class);
            assertThat(failure.getMessage())
                    .isEqualTo(failure.getNextException().getMessage());
            assertThat(failure.getErrorCode())
                    .isEqualTo(failure.getNextException().getErrorCode());
            assertThat(failure.getUpdateCounts()[1]).isNegative();
            if (!isAutoCommit) {
                actor.rollsBack();
            }
            long there = isAutoCommit
                    ? Arrays.stream(failure.getUpdateCounts())
                            .filter(count -> count > 0)
                            .count()
                    : 0;
            assertThat(other.reads("SELECT COUNT(*) FROM T")).isEqualTo(there);
        }
    }

    private static BatchUpdateException batch(Scene.Actor actor) throws SQLException {
        WaitEnding ending = new WaitEnding(WaitEnd.ABORTED, 0, "Open for too long");
        try (PreparedStatement insert = actor.connection.prepareStatement("INSERT INTO T VALUES ?")) {
            for (int i = 0; i < 3; i++) {
                insert.setInt(1, i);
                insert.addBatch();
            }
            Ambush.lay(
                    Spot.STATEMENT_COUNTED,
                    () -> Ambush.lay(
                            Spot.STATEMENT_COUNTED,
                            () -> actor.session.endings().mark(ending)));
            actor.session.endings().announce(io.mortise.engine.scene.Scene.CREDIT); // As a client of the driver.
            insert.executeBatch();
            throw new AssertionError("the batch succeeded");
        } catch (BatchUpdateException e) {
            return e;
        } finally {
            actor.session.endings().departed();
        }
    }
}
