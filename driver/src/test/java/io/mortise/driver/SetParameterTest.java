package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.setting.Keeper;
import io.mortise.engine.setting.Setting;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.StepResult;
import io.mortise.testkit.TestSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** SET PARAMETER of every setting, what SYS.PARAMETERS shows then, and that it counts. */
@Timeout(120)
class SetParameterTest {
    @ParameterizedTest
    @CsvSource({
        "LOCK_BARGING, 5",
        "JOURNAL_SIZE, 500",
        "lkti, 20",
        "da_dump_lkti, 7",
        "statementLockTimeout, 4",
        "default_at_now, 0",
        "LOCK_TIMEOUT, 1234",
        "DEADLOCK_PRIORITY, -5",
        "QUERY_TIMEOUT, 60000",
        "NETWORK_TIMEOUT, 60000",
        "IDLE_IN_TRANSACTION_TIMEOUT, 60000",
        "IDLE_BLOCKER_TIMEOUT, 60000",
        "TRANSACTION_TIMEOUT, 60000",
        "SESSION_BUSY, WAIT",
        "SESSION_BUSY_TIMEOUT, 99",
        "SESSION_BUSY_GRACE, 98",
        "APPLICATION_NAME, ledger",
        "BIND_VALUES, true"
    })
    void aSettingThatIsSetIsShown(String setting, String value) {
        try (Interleaving database = Interleaving.inMemory("LOCK_POLICY=kognitio")) {
            TestSession a = database.session("a");
            a.step("SET PARAMETER " + setting + " = " + value).expectUpdated(0);
            a.step(shown(setting)).expectRows(value);

            TestSession b = database.session("b");
            b.step("SET " + setting + " '" + value + "'").expectUpdated(0);
            b.step(shown(setting)).expectRows(value);
        }
    }

    private static String shown(String setting) {
        return "SELECT SETTING FROM SYS.PARAMETERS WHERE REPLACE(PARAMETER, '_') = LOWER(REPLACE('" + setting
                + "', '_'))";
    }

    @ParameterizedTest
    @MethodSource("thoseThatH2HasNot")
    void setRefusesWhatSetParameterRefuses(Setting<?> setting) {
        try (Interleaving database = Interleaving.inMemory()) {
            database.setUp("CREATE USER BOB PASSWORD ''");
            TestSession admin = database.session("admin");
            TestSession bob = database.session("bob");
            bob.step("CONNECT BOB ''").expectFinished();
            for (TestSession session : List.of(admin, bob)) {
                assertThat(said(session, "SET " + setting + " 'no/such:value'"))
                        .isEqualTo(said(session, "SET PARAMETER " + setting + " = 'no/such:value'"));
            }
        }
    }

    /** From the list of settings: a new one is accepted, or says that it is chosen on connecting. */
    @ParameterizedTest
    @MethodSource("io.mortise.engine.setting.Setting#all")
    void everySettingThatSomebodyKeepsIsAccepted(Setting<?> setting) {
        try (Interleaving database = Interleaving.inMemory()) {
            TestSession a = database.session("a");
            String value = setting == Setting.LOCK_TIMEOUT
                    ? "5"
                    : setting.choices().stream().reduce((first, last) -> last).orElse(setting.defaultText());
            for (String set : List.of("SET %s '%s'", "SET PARAMETER %s = '%s'", "CALL SYS.SET_PARAMETER('%s', '%s')")) {
                String sql = set.formatted(setting, value);
                if (setting.keeper() == Keeper.CONNECTING) {
                    String error =
                            String.valueOf(a.step(sql).expectError("22023").getMessage());
                    assertThat(error).contains(setting + " is chosen when a connection is made");
                } else {
                    assertThat(a.step(sql).expectEnd().failure()).as(sql).isEmpty();
                    a.step(shown(setting.name())).expectRows(value.isEmpty() ? "NULL" : value);
                }
            }
        }
    }

    static Stream<Setting<?>> thoseThatH2HasNot() {
        return Setting.all().stream()
                .filter(setting -> setting != Setting.LOCK_TIMEOUT && setting != Setting.QUERY_TIMEOUT);
    }

    private static String said(TestSession session, String sql) {
        StepResult result = session.step(sql).expectEnd();
        return result.failure().map(Throwable::getMessage).orElse("done").replace(sql, "");
    }

    @ParameterizedTest
    @CsvSource({"SESSION_ID, x", "SESSION_CHECK, 1", "SESSION_TIMEOUT, 5"})
    void whatIsChosenOnConnectingSaysSo(String setting, String value) {
        try (Interleaving database = Interleaving.inMemory()) {
            TestSession a = database.session("a");
            String error = String.valueOf(a.step("SET PARAMETER " + setting + " = " + value)
                    .expectError("22023")
                    .getMessage());
            assertThat(error).contains(setting + " is chosen when").contains("Nothing was changed.");
        }
    }

    @Test
    void aPolicyIsChangedBetweenTransactionsOnly() {
        try (Interleaving database = Interleaving.inMemory()) {
            database.setUp("CREATE TABLE T(ID INT PRIMARY KEY)", "INSERT INTO T VALUES (1)");
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            String locks = "SELECT LOCK_TYPE, LOCK_LEVEL FROM IPE_ALLLOCKS WHERE SESSION = " + b.id();
            a.step("INSERT INTO T VALUES (2)").expectUpdated(1);
            assertThat(b.step("SET PARAMETER LOCK_POLICY = kognitio")
                            .expectError("22023")
                            .getMessage())
                    .contains("Session " + a.id() + " is in one. Nothing was changed.");
            b.step("SELECT COUNT(*) FROM T").expectRows("1");
            a.step(locks).expectRows();
            a.rollback().expectFinished();
            b.rollback().expectFinished();

            b.step("SET PARAMETER LOCK_POLICY = kognitio").expectUpdated(0);
            b.step("SELECT COUNT(*) FROM T").expectRows("1");
            a.step(locks).expectRows("SH | TAB");
            a.rollback().expectFinished();
            b.rollback().expectFinished();
        }
    }

    @Test
    void anotherSessionKeepsItsOwnValue() {
        try (Interleaving database = Interleaving.inMemory()) {
            TestSession a = database.session("a");
            TestSession b = database.session("b", "LOCK_TIMEOUT=700");
            a.step("SET LOCK_TIMEOUT 800").expectUpdated(0);
            String shown = "SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'lock_timeout'";
            a.step(shown).expectRows("800");
            b.step(shown).expectRows("700");
        }
    }

    @Test
    void aTransactionTimeoutThatIsSetLaterEndsTheTransaction() {
        try (Interleaving database = Interleaving.inMemory()) {
            database.setUp("CREATE TABLE T(ID INT PRIMARY KEY)", "INSERT INTO T VALUES(1)");
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("SET IDLE_BLOCKER_TIMEOUT 50").expectUpdated(0);
            a.step("DELETE FROM T").expectUpdated(1);

            Step waits = b.step("DELETE FROM T"); // Whether it is seen to wait is luck: it may be over by then.

            assertThat(waits.expectEnd().updateCount()).isEqualTo(1);
            a.step("SELECT 1").expectError("57014");
            b.rollback().expectFinished();
        }
    }

    @Test
    void theLogIsWrittenWhereLockLogSaysNow(@TempDir Path folder) throws Exception {
        Path log = folder.resolve("later.log");
        try (Interleaving database = Interleaving.inMemory()) {
            database.setUp(
                    "CREATE TABLE T(ID INT PRIMARY KEY, A INT)",
                    "INSERT INTO T VALUES(1, 0), (2, 0)",
                    "SET PARAMETER LOCK_LOG = '" + log + "'");
            TestSession a = database.session("a");
            TestSession b = database.session("b");
            a.step("UPDATE T SET A = 1 WHERE ID = 1").expectUpdated(1);
            b.step("UPDATE T SET A = 1 WHERE ID = 2").expectUpdated(1);
            Step crossing = a.step("UPDATE T SET A = 1 WHERE ID = 2").expectWaiting();
            b.step("UPDATE T SET A = 1 WHERE ID = 1").expectError("40001");
            crossing.expectUpdated(1);
            a.rollback().expectFinished();
            // Closing a log writes what has been reported.
            database.setUp("SET PARAMETER LOCK_LOG = ''");
        }
        assertThat(Files.readString(log)).contains("Deadlock detected");
    }
}
