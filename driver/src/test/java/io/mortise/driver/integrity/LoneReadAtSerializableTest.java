package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A row read by its key in autocommit at SERIALIZABLE: a transaction of its own, which the others are held against. */
@Interleaved
@Timeout(60)
final class LoneReadAtSerializableTest {
    private static final String READ = "SELECT V FROM T WHERE ID = ?";

    @BeforeEach
    void aTable(Interleaving db) {
        db.setUp("CREATE TABLE T(ID INT PRIMARY KEY, V INT)", "INSERT INTO T VALUES (1, 0), (2, 0)");
    }

    private static TestSession serializable(Interleaving db, String name) {
        TestSession session = db.session(name);
        session.step("SERIALIZABLE", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE))
                .expectFinished();
        return session;
    }

    private static Step read(TestSession session, int expected) {
        return session.step(READ, jdbc -> {
            try (PreparedStatement statement = jdbc.prepareStatement(READ)) {
                statement.setInt(1, 1);
                try (ResultSet row = statement.executeQuery()) {
                    assertThat(row.next()).isTrue();
                    assertThat(row.getInt(1)).isEqualTo(expected);
                }
            }
        });
    }

    private static TestSession alone(Interleaving db) {
        TestSession session = serializable(db, "alone");
        session.step("AUTOCOMMIT", jdbc -> jdbc.setAutoCommit(true)).expectFinished();
        return session;
    }

    /** The reader comes before the writer, who comes before the one that had ended when the reader began. */
    @Test
    void theWriterBehindItWhoComesBeforeAnEndedOneIsRefused(Interleaving db) {
        TestSession writer = serializable(db, "writer");
        TestSession ended = serializable(db, "ended");
        TestSession alone = alone(db);
        writer.step("SELECT V FROM T WHERE ID = 2").expectRows("0");
        ended.step("UPDATE T SET V = 1 WHERE ID = 2").expectUpdated(1);
        ended.commit().expectFinished();

        read(alone, 0).expectFinished();

        writer.step("UPDATE T SET V = 1 WHERE ID = 1").expectError("40001");
        writer.rollback().expectFinished();
        read(alone, 0).expectFinished();
    }

    @Test
    void itWaitsForALockOnTheTable(Interleaving db) {
        TestSession alone = alone(db);
        read(alone, 0).expectFinished();
        TestSession locker = db.session("locker");
        locker.step("LOCK TABLE T IN EXCLUSIVE MODE").expectFinished();

        Step waits = read(alone, 5).expectBlockedBy("locker");
        locker.step("UPDATE T SET V = 5 WHERE ID = 1").expectUpdated(1);
        locker.commit().expectFinished();

        waits.expectFinished();
    }

    @Test
    void itSeesWhatWasCommittedLast(Interleaving db) {
        TestSession alone = alone(db);
        TestSession writer = db.session("writer");
        read(alone, 0).expectFinished();
        writer.step("UPDATE T SET V = 7 WHERE ID = 1").expectUpdated(1);
        read(alone, 0).expectFinished();
        writer.commit().expectFinished();
        read(alone, 7).expectFinished();
    }
}
