package io.mortise.engine.view;

import static io.mortise.engine.scene.Scene.BOB;
import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.EVE;
import static io.mortise.engine.scene.Scene.SUM;
import static io.mortise.engine.view.Stage.ADMIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.scene.Doctors;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** SYS.SERIALIZATION_FAILURES says who read what, who wrote it, by which statements, and why one gave way. */
final class FailureViewsTest {
    private static final String SIDES = "CONFLICT_ORDER, READER_SESSION, READER_TNO, READER_USER, READ_PLACE, READ_SQL,"
            + " READ_THREAD, WRITER_SESSION, WRITER_TNO, WRITER_USER, WROTE_PLACE, WROTE_SQL, WROTE_THREAD";

    private final Stage stage = new Stage();

    @Test
    void aFailureHasARowAConflictWithBothSides() throws SQLException {
        stage.journal.failed(Doctors.bothHaveRead());

        assertThat(stage.rows(
                        "SYS.SERIALIZATION_FAILURES",
                        ADMIN,
                        "FAILURE_ID, EVENT_TIME, KIND, SESSION, TNO, USER_NAME, WHY, HINT"))
                .containsOnly(
                        "1|12:00|READ_WRITE|7|214|BOB|the other was the first to commit|run it again; a statement that finds its"
                                + " rows by an index reads less than the whole table")
                .hasSize(2);
        assertThat(stage.rows("SYS.SERIALIZATION_FAILURES", ADMIN, SIDES))
                .containsExactly(
                        "1|5|209|SA|PUBLIC.ACCOUNTS (the whole table)|" + SUM.sql()
                                + "|report-1|7|214|BOB|PUBLIC.ACCOUNTS(ID=2)|" + DEBIT.sql() + "|http-12",
                        "2|7|214|BOB|PUBLIC.ACCOUNTS(ID=1)|" + Doctors.LOOK.sql()
                                + "|http-12|5|209|SA|PUBLIC.ACCOUNTS(ID=1)|" + CREDIT.sql() + "|report-1");
    }

    @Test
    void whoReadsSeesHisOwnStatementsAndKeysOfTablesThatHeMayRead() throws SQLException {
        stage.journal.failed(Doctors.bothHaveRead());

        assertThat(stage.rows("SYS.SERIALIZATION_FAILURES", BOB, "READ_SQL, WROTE_PLACE, WROTE_SQL, SHAPE, SCRIPT"))
                .containsExactly(
                        "-|PUBLIC.ACCOUNTS(ID=2)|" + DEBIT.sql() + "|-|-",
                        Doctors.LOOK.sql() + "|PUBLIC.ACCOUNTS(ID=1)|-|-|-");
        assertThat(stage.rows("SYS.SERIALIZATION_FAILURES", EVE, "READ_PLACE, READ_SQL, WROTE_PLACE, WROTE_SQL"))
                .containsExactly(
                        "PUBLIC.ACCOUNTS (the whole table)|-|PUBLIC.ACCOUNTS(hidden)|-",
                        "PUBLIC.ACCOUNTS(hidden)|-|PUBLIC.ACCOUNTS(hidden)|-");
        assertThat(stage.rows("SYS.SERIALIZATION_FAILURES", EVE, "GRAPH_DOT, GRAPH_JSON"))
                .allMatch(drawn -> !drawn.contains("ID=1") && !drawn.contains("SELECT"));
    }

    @Test
    void theScriptHasTheStepsInOrderAndTheLastIsTheOneThatWasRefused() throws SQLException {
        stage.journal.failed(Doctors.bothHaveRead());
        stage.journal.failed(Doctors.rowChanged());

        assertThat(stage.rows("SYS.SERIALIZATION_FAILURES", ADMIN, "SCRIPT"))
                .containsExactly(script(), script(), "a: " + DEBIT.sql() + "\n-- serialization failure, victim a\n");
    }

    private static String script() {
        return "a: " + SUM.sql() + "\nb: " + DEBIT.sql() + "\nb: " + Doctors.LOOK.sql() + "\na: " + CREDIT.sql()
                + "\nb: COMMIT\n-- serialization failure, victim b\n";
    }

    @Test
    void theDrawingHasANodeATransactionAndAnEdgeAConflict() throws SQLException {
        stage.journal.failed(Doctors.bothHaveRead());

        String dot =
                stage.rows("SYS.SERIALIZATION_FAILURES", ADMIN, "GRAPH_DOT").get(0);
        assertThat(dot)
                .contains("s5_t209 -> s7_t214 [label=\"read PUBLIC.ACCOUNTS (the whole table)\\ndoes not see"
                        + " PUBLIC.ACCOUNTS(ID=2)\"")
                .contains("s7_t214 -> s5_t209 [")
                .contains("s7_t214 [label=\"session 7 transaction 214 (gave way)\", style=filled");
        assertThat(stage.rows("SYS.SERIALIZATION_FAILURES", ADMIN, "GRAPH_JSON"))
                .allMatch(
                        json -> json.startsWith(
                                "{\"id\":1,\"kind\":\"READ_WRITE\",\"victim\":{\"session\":7,\"tno\":214},\"why\":\"the other was"));
    }

    @Test
    void failuresThatAreAlikeHaveOneShape() throws SQLException {
        stage.journal.failed(Doctors.bothHaveRead());
        stage.journal.failed(Doctors.bothHaveRead());

        assertThat(stage.rows("SYS.SERIALIZATION_FAILURES", ADMIN, "SHAPE"))
                .containsOnly("READ_WRITE\n"
                        + "PUBLIC.ACCOUNTS: SELECT BALANCE FROM ACCOUNTS WHERE ID = ? / UPDATE ACCOUNTS SET BALANCE = BALANCE + ?"
                        + " WHERE ID = ?\n"
                        + "PUBLIC.ACCOUNTS: SELECT SUM(BALANCE) FROM ACCOUNTS / UPDATE ACCOUNTS SET BALANCE = BALANCE - ?"
                        + " WHERE ID = ?");
    }

    @Test
    void whatIsNotKnownIsNull() throws SQLException {
        stage.journal.failed(Doctors.rowChanged());
        stage.journal.failed(Doctors.forgotten());

        assertThat(stage.rows("SYS.SERIALIZATION_FAILURES", ADMIN, "KIND, " + SIDES))
                .containsExactly(
                        "ROW_CHANGED|1|7|214|BOB|PUBLIC.ACCOUNTS(ID=2)|" + DEBIT.sql()
                                + "|http-12|-|-|-|PUBLIC.ACCOUNTS(ID=2)|-|-",
                        "READ_WRITE|-|-|-|-|-|-|-|-|-|-|-|-|-");
    }

    @Test
    void theTableIsAsLongAsTheJournal() throws SQLException {
        for (int i = 0; i < 150; i++) {
            stage.journal.failed(Doctors.rowChanged());
        }

        assertThat(stage.rows("SYS.SERIALIZATION_FAILURES", ADMIN, "FAILURE_ID"))
                .hasSize(100)
                .startsWith("51");
    }
}
