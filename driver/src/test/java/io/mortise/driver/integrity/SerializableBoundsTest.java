package io.mortise.driver.integrity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.testkit.Interleaved;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.TestSession;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What serializable transactions note is bounded by settings: with less room they are refused more, and never wrongly
 * let through.
 */
@Interleaved
@Timeout(60)
final class SerializableBoundsTest {
    private static TestSession serializable(Interleaving db, String name) {
        TestSession session = db.session(name);
        session.step("SERIALIZABLE", jdbc -> jdbc.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE))
                .expectFinished();
        return session;
    }

    /**
     * Each has read two keys of its own, and writes a third of its own: they collide only where there is room for one
     * note.
     */
    @ParameterizedTest
    @CsvSource({"1, true", "4, false", "1000, false"})
    void withoutRoomForItsNotesATransactionNotesTheTable(int notes, boolean isRefused, Interleaving db) {
        db.setUp(
                "CREATE TABLE T(ID INT PRIMARY KEY, A INT)",
                "INSERT INTO T SELECT X, 0 FROM SYSTEM_RANGE(1, 6)",
                "SET PARAMETER SERIALIZABLE_TRANSACTION_NOTES = " + notes);
        TestSession x = serializable(db, "x");
        TestSession y = serializable(db, "y");
        x.step("SELECT A FROM T WHERE ID = 1").expectRows("0");
        x.step("SELECT A FROM T WHERE ID = 2").expectRows("0");
        y.step("SELECT A FROM T WHERE ID = 4").expectRows("0");
        y.step("SELECT A FROM T WHERE ID = 5").expectRows("0");
        x.step("UPDATE T SET A = 1 WHERE ID = 3").expectUpdated(1);
        y.step("UPDATE T SET A = 1 WHERE ID = 6").expectUpdated(1);
        x.commit().expectFinished();

        if (isRefused) {
            y.commit().expectError("40001");
        } else {
            y.commit().expectFinished();
        }
    }

    /**
     * The reader had ended before the writer committed; who is forgotten is known by table only, and no more by when.
     */
    @ParameterizedTest
    @CsvSource({"0, true", "5000, false"})
    void whoHasEndedAndIsNotKeptCountsByTable(int kept, boolean isRefused, Interleaving db) {
        db.setUp(
                "CREATE TABLE X(A INT)",
                "CREATE TABLE Y(A INT)",
                "CREATE TABLE Z(A INT)",
                "INSERT INTO X VALUES 0",
                "INSERT INTO Y VALUES 0",
                "SET PARAMETER SERIALIZABLE_KEPT = " + kept);
        TestSession reader = serializable(db, "reader");
        TestSession writer = serializable(db, "writer");
        TestSession both = serializable(db, "both");
        both.step("SELECT COUNT(*) FROM Z").expectRows("0");
        reader.step("SELECT A FROM Y").expectRows("0");
        reader.commit().expectFinished();
        writer.step("UPDATE X SET A = 1").expectUpdated(1);
        writer.commit().expectFinished();
        both.step("SELECT A FROM X").expectRows("0");

        if (isRefused) {
            SQLException refused = both.step("UPDATE Y SET A = 1").expectError("40001");
            assertThat(refused.getMessage())
                    .contains("what has collided is not kept one by one any more")
                    .contains("larger SERIALIZABLE_NOTES and SERIALIZABLE_KEPT");
            db.expectRows(
                    "SELECT KIND, READ_PLACE, SCRIPT IS NOT NULL FROM SYS.SERIALIZATION_FAILURES",
                    "READ_WRITE | NULL | TRUE");
        } else {
            both.step("UPDATE Y SET A = 1").expectUpdated(1);
            both.commit().expectFinished();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SERIALIZABLE_TRANSACTION_NOTES=0",
                "SERIALIZABLE_TRANSACTION_NOTES=1000001",
                "SERIALIZABLE_NOTES=999",
                "SERIALIZABLE_NOTES=many",
                "SERIALIZABLE_KEPT=-1"
            })
    void aBoundOutOfRangeMakesNoConnection(String setting, Interleaving unused) {
        String name = setting.substring(0, setting.indexOf('='));

        assertThatThrownBy(() -> DriverManager.getConnection("jdbc:mortise:mem:bounds;" + setting, "sa", ""))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        error -> assertThat(error.getSQLState()).isEqualTo("22023"))
                .hasMessageContaining(name);
    }

    @Test
    void aUrlSetsThem() throws SQLException {
        try (Connection connection = DriverManager.getConnection(
                        "jdbc:mortise:mem:bounds-url;SERIALIZABLE_KEPT=7;SERIALIZABLE_NOTES=1000", "sa", "");
                var statement = connection.createStatement();
                var result = statement.executeQuery(
                        "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER IN ('serializable_kept', 'serializable_notes')"
                                + " ORDER BY PARAMETER")) {
            assertThat(result.next()).isTrue();
            assertThat(result.getString(1)).isEqualTo("7");
            assertThat(result.next()).isTrue();
            assertThat(result.getString(1)).isEqualTo("1000");
        }
    }

    /** A note is kept as long as others run: it does not keep a long key, and counts for the table. */
    @ParameterizedTest
    @CsvSource({"5, RANGE", "2000, RANGE", "100000, TABLE"})
    void aLongKeyIsNotedAsTheTable(int length, String noted, Interleaving db) {
        db.setUp(
                "CREATE TABLE T(ID INT PRIMARY KEY, NAME VARCHAR UNIQUE)",
                "INSERT INTO T VALUES (1, REPEAT('x', " + length + ")), (2, 'y')");
        TestSession x = serializable(db, "x");
        TestSession y = serializable(db, "y");
        x.step("SELECT ID FROM T WHERE NAME = REPEAT('x', " + length + ")").expectRows("1");
        db.expectRows("SELECT TARGET_KIND FROM SYS.LOCKS WHERE MODE = 'SIREAD'", noted);
        y.step("SELECT ID FROM T WHERE NAME = 'z'").expectRows();
        x.step("INSERT INTO T VALUES (3, 'z')").expectUpdated(1);
        y.step("UPDATE T SET NAME = REPEAT('w', " + length + ") WHERE ID = 2").expectUpdated(1);
        x.commit().expectFinished();

        if (noted.equals("TABLE")) {
            y.commit().expectError("40001");
        } else {
            y.commit().expectFinished();
        }
    }
}
