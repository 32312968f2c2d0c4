package io.mortise.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The scripts, each played once; then what their transcripts say. */
@Timeout(300)
final class TourTest {
    private static final Map<String, String> TRANSCRIPTS = new ConcurrentHashMap<>();

    @BeforeAll
    static void play(@TempDir Path folder) {
        for (String script : Tour.SCRIPTS) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            Tour.play(script, folder, new PrintStream(bytes, true, StandardCharsets.UTF_8));
            TRANSCRIPTS.put(script, bytes.toString(StandardCharsets.UTF_8));
        }
    }

    private static AbstractStringAssert<?> kognitio() {
        return assertThat(TRANSCRIPTS.get("kognitio.sql"));
    }

    private static AbstractStringAssert<?> sqream() {
        return assertThat(TRANSCRIPTS.get("sqream.sql"));
    }

    private static AbstractStringAssert<?> clickHouse() {
        return assertThat(TRANSCRIPTS.get("clickhouse.sql"));
    }

    // Kognitio.

    @Test
    void anOpenTransactionHasOneEntryAndAnEndedOneTwo() {
        kognitio()
                .containsPattern(
                        "(?s)3> SELECT session, tno, event, event_time FROM ipe_transaction.*? START .*?\\(1 row\\)")
                .containsPattern("SESSION +TNO +ENTRIES\n +\\d+ +\\d+ +1\n +\\d+ +\\d+ +2\n");
    }

    @Test
    void kognitiosTimeoutAndDeadlockAreToldAsKognitioTellsThem() {
        kognitio()
                .containsPattern(
                        "ERROR HYT00 50200: Timeout after \\d+ ms: .*\n +Lock Manager: session \\d+ transaction \\d+ requested EX TAB on table \\d+\\."
                                + " Conflicts with session \\d+ transaction \\d+ SH TAB on table \\d+\n")
                .containsPattern(
                        "ERROR 40001 40001: Deadlock between .*\n +Lock Manager: session \\d+ transaction \\d+ requested SH TAB on table \\d+\\."
                                + " Deadlock detected: dependency cycle of sessions \\d+, \\d+\\.\n")
                .containsPattern("(?s)FROM SYS.IPE_ERRORLOG;.* 50200 +Lock Manager.* 40001 +Lock Manager");
    }

    @Test
    void theCommandsOfTheTransactionsThatFailedAreFound() {
        kognitio()
                .containsPattern("50200 +\\d+ +\\d+ +FAILED +LOCK TABLE mjbt1 IN EXCLUSIVE MODE")
                .containsPattern("40001 +\\d+ +\\d+ +DONE +LOCK TABLE mjbt2 IN EXCLUSIVE MODE")
                .containsPattern("40001 +\\d+ +\\d+ +FAILED +SELECT COUNT\\(\\*\\) FROM mjbt1");
    }

    @Test
    void theLogFileHasKognitiosLines() {
        kognitio()
                .containsPattern("DA: DUMPING LOCKS: Locks held for longer than da_dump_lkti")
                .containsPattern(
                        "DA: Locks granted:\n.*DA: Session \\d+ TNo +\\d+ type SH TAB table +\\d+ row hash -2147483648\n")
                .containsPattern(
                        "DA: Locks pending:\n.*DA: Session \\d+ TNo +\\d+ type EX TAB table +\\d+ row hash -2147483648\n");
    }

    @Test
    void theReaderOfAManuallyLockedTableSeesWhatWasCommitted() {
        kognitio()
                .containsPattern("2> SELECT \\* FROM mjbt1;\n   \\.\\.\\. waits for session 1\n")
                .containsPattern(
                        "2> \\.\\.\\. SELECT \\* FROM mjbt1\n   ID  NAME\n   1   EINS\n   2   TWO\n   \\(2 rows\\)");
    }

    @Test
    void whatIsMisspeltIsToldWhereAndLocksNothing() {
        kognitio()
                .contains(
                        "\"LOCK [*]TABEL mjbt1 IN SHARE MODE\" at character 6: expected TABLE or SYSTEM, found TABEL.")
                .contains("Table \"MJBT9\" not found; SQL statement:\n   LOCK TABLE mjbt1, mjbt9 IN SHARE MODE")
                .contains("LOCKS\n   0\n");
    }

    @Test
    void lockSystemKeepsEverybodyOutUntilItsUserDisconnects() {
        kognitio()
                .contains("User OPERATOR may not lock the system.")
                .containsPattern("Other sessions are connected: session \\d+ of user SA, session \\d+ of user SA")
                .containsPattern("User OPERATOR may not end what session \\d+ of user SA runs\\. It goes on\\.")
                .containsPattern(
                        "1> SELECT COUNT\\(\\*\\) FROM mjbt1;\n   ERROR 08006 90067: Session \\d+ was aborted by session \\d+")
                .containsPattern("4> \\(connects\\)\n   ERROR 08004 90135: Sessions inhibited\\.")
                .containsPattern("5> SELECT COUNT\\(\\*\\) FROM mjbt1;\n   COUNT\\(\\*\\)\n   2\n");
    }

    // SQream.

    @Test
    void showLocksHasTheSeedsColumnsAndNames() {
        sqream().containsPattern("STATEMENT_ID +STATEMENT_STRING +USERNAME +SERVER +PORT +LOCKED_OBJECT +LOCKMODE"
                        + " +STATEMENT_START_TIME +LOCK_START_TIME +IS_STATEMENT_ACTIVE +IS_SNAPSHOT_ACTIVE\n")
                .containsPattern("DROP TABLE nba2.* database\\$T +Inclusive .* 1 +1\n")
                .containsPattern("DROP TABLE nba2.* globalpermission\\$ +Exclusive .* 1 +1\n")
                .containsPattern("INSERT INTO nba2.* table\\$T\\$PUBLIC\\$NBA2\\$Insert +Inclusive .* 0 +1\n");
    }

    @Test
    void sqreamsStatementsWaitForWhomTheyShould() {
        sqream().containsPattern("2> INSERT INTO nba VALUES \\('R\\.J\\. Hunter', 'Boston'\\);\n   OK, 1 row")
                .containsPattern("2> TRUNCATE TABLE nba;\n   \\.\\.\\. waits for session 1")
                .containsPattern("2> ALTER TABLE nba ADD COLUMN \"Age\" INT;\n   \\.\\.\\. waits for session 1");
    }

    @Test
    void aStoppedStatementEndsAndTheFunctionSaysExecutedEitherWay() {
        sqream().containsPattern("3> SELECT STOP_STATEMENT\\(@STUCK\\);\n.*\n   executed\n")
                .containsPattern("3> CALL STOP_STATEMENT\\(@STUCK\\);\n.*\n   executed\n")
                .containsPattern("3> SELECT \\* FROM STOP_STATEMENT\\(@STUCK\\);\n   STOP_STATEMENT\n   executed\n")
                .containsPattern("ERROR 57014 57014: Statement killed by session \\d+;");
    }

    @Test
    void staleLocksAreRemovedByThoseWhoMay() {
        sqream().contains("the seconds must be 0 or more. Nothing was released.")
                .contains("3> SELECT * FROM nba2;\n   Name\n   nobody\n")
                .contains(
                        "RELEASE_DEFUNCT_LOCKS is for administrators, and for those who may lock the system. Nothing was released.");
    }

    // ClickHouse.

    @Test
    void theSecondStatementOfASessionIsRefusedAndTheFirstGoesOn() {
        clickHouse()
                .containsPattern("ERROR HY010 373: SESSION_IS_LOCKED: Session is locked by another thread\\."
                        + " Session \\d+ 'report' has been running query \\d+ for \\d+ ms on thread \"session a\"\n"
                        + " +in flight  UPDATE events SET what = 'tap' WHERE id = 2\n"
                        + " +refused    SELECT \\* FROM top on thread \"session b\"")
                .containsPattern("a> \\.\\.\\. UPDATE events SET what = 'tap' WHERE id = 2\n   OK, 1 row");
    }

    @Test
    void processesSayWhichQueryHoldsTheSession() {
        clickHouse()
                .containsPattern("QUERY_ID +ELAPSED +QUERY\n   stuck +[\\d.]+ +UPDATE events")
                .containsPattern("stuck +\\d+ +report +LOCK WAIT +session a +UPDATE events")
                .containsPattern("report +SA +\\d+ +4 +stuck");
    }

    @Test
    void killQueryTellsWhomItHitsAndWhatHasBecomeOfIt() {
        clickHouse()
                .containsPattern(
                        "TEST;\n   KILL_STATUS +QUERY_ID +USER +QUERY\n   unknown_status +stuck +SA +UPDATE events")
                .containsPattern("SYNC;\n   KILL_STATUS +QUERY_ID +USER +QUERY\n   finished +stuck +SA +UPDATE events")
                .contains("Column \"NONSENSE\" not found; SQL statement:\n   KILL QUERY WHERE nonsense = 1 [")
                .contains("\"KILL QUERY WHERE elapsed >[*] \"")
                .contains("\"KILL QUERY [*]query_id = 'stuck'\" at character 12: expected WHERE, found query_id.");
    }

    // The scripts.

    @Test
    void everyStatementOfEveryScriptIsAnswered() {
        TRANSCRIPTS
                .values()
                .forEach(transcript -> assertThat(transcript)
                        .contains("> ")
                        .doesNotContain("(another user's statement)", "90007", "AssertionError"));
    }

    @Test
    void aStatementWithoutItsSemicolonIsNoScript() {
        assertThatThrownBy(() -> SqlScript.parse("-- session 1\nSELECT 1"))
                .hasMessage("This has no semicolon at its end: SELECT 1");
    }
}
