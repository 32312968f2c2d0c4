package io.mortise.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.Bank.Client;
import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.setting.Setting;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The tables of an open database, read with SQL while others hold locks and wait. */
@Timeout(60)
final class TablesTest {
    private Bank bank;
    private Client a;
    private Client b;
    private Client c;

    @BeforeEach
    void open() throws Exception {
        bank = new Bank(Map.of(Setting.LOCK_TIMEOUT, "30000", Setting.LOCK_BARGING, "0"));
        a = bank.client();
        b = bank.client();
        c = bank.first();
    }

    @AfterEach
    void close() throws Exception {
        bank.close();
    }

    @Test
    void aBlockedUpdateIsSeenFromAThirdSession() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        Future<List<String>> blocked = b.waits("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");

        assertThat(c.reads("SELECT SESSION, TABLE_NAME, LOCK_TYPE, LOCK_LEVEL, ROW_KEY, STATUS, BLOCKING_SESSION"
                        + " FROM IPE_ALLLOCKS ORDER BY STATUS"))
                .containsExactly(
                        a.id() + "|ACCOUNTS|EX|ROW|ID=1|GRANTED|null",
                        b.id() + "|ACCOUNTS|EX|ROW|ID=1|PENDING|" + a.id());
        assertThat(c.reads("SELECT SESSION, SQL_TEXT, EDGE_KIND, BLOCKING_SESSION, BLOCKING_SQL, BLOCKING_STATE"
                        + " FROM LOCK_WAITS"))
                .containsExactly(b.id() + "|UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1|HOLDS|" + a.id()
                        + "|UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1|IDLE IN TRANSACTION");
        assertThat(c.reads("SELECT PATH, BLOCKED_COUNT FROM BLOCKING_TREE"))
                .containsExactly(a.id() + "|1", a.id() + " > " + b.id() + "|0");
        assertThat(c.reads("SELECT SESSION, STATE FROM IPE_CURSESSIONS ORDER BY SESSION"))
                .contains(a.id() + "|IDLE IN TRANSACTION", b.id() + "|LOCK WAIT", c.id() + "|RUNNING");

        a.connection().commit();
        Bank.finish(blocked);
        b.connection().rollback();
        assertThat(c.reads("SELECT * FROM IPE_ALLLOCKS")).isEmpty();
        assertThat(c.reads("SELECT TABLE_NAME, WAITS, HOTTEST_ROW FROM LOCK_STATS"))
                .containsExactly("ACCOUNTS|1|ID=1");
    }

    @Test
    void rowsThatNobodyWaitsForAreLocksToo() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID < 3");

        assertThat(c.reads("SELECT SESSION, LOCK_LEVEL, ROW_KEY, STATUS FROM IPE_ALLLOCKS ORDER BY ROW_KEY"))
                .containsExactly(a.id() + "|ROW|ID=1|GRANTED", a.id() + "|ROW|ID=2|GRANTED");
        assertThat(c.reads("SELECT MODE, IS_IMPLICIT, ACQUIRED_BY FROM LOCKS WHERE TARGET_KIND = 'TABLE'"))
                .containsExactly("IX|FALSE|UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID < 3");
    }

    @Test
    void anOpenTransactionHasOneRowAndAnEndedOneTwo() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        String open = "SELECT EVENT FROM IPE_TRANSACTION WHERE SESSION = " + a.id();
        assertThat(c.reads(open)).containsExactly("START");

        a.connection().rollback();
        assertThat(c.reads(open)).containsExactly("START", "ROLLBACK");
    }

    @Test
    void commandsAreRememberedWithTheirRows() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0");
        assertThatThrownBy(() -> a.runs("INSERT INTO ACCOUNTS VALUES (1, 1)")).isInstanceOf(SQLException.class);

        assertThat(c.reads("SELECT SQL_TEXT, STATUS, ROWS_AFFECTED FROM IPE_COMMAND WHERE SESSION = " + a.id()
                        + " AND TNO IS NOT NULL ORDER BY SEQ"))
                .containsExactly(
                        "UPDATE ACCOUNTS SET BALANCE = 0|DONE|3", "INSERT INTO ACCOUNTS VALUES (1, 1)|FAILED|null");
        assertThat(c.reads("SELECT CODE FROM IPE_ERRORLOG WHERE SESSION = " + a.id()))
                .containsExactly("23505");
    }

    @Test
    void aDeadlockIsRememberedWithTheTextOfItsException() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        b.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 2");
        Future<List<String>> first = a.waits("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 2");

        Throwable thrown = org.assertj.core.api.Assertions.catchThrowable(
                () -> b.runs("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1"));
        Bank.finish(first);

        assertThat(c.reads("SELECT TEXT FROM IPE_ERRORLOG WHERE CODE = 40001"))
                .containsExactly(LockMessages.kognitioFirst(String.valueOf(thrown.getMessage())));
        assertThat(c.reads("SELECT SESSION, WAITS_FOR, HOLDS, VICTIM FROM DEADLOCKS ORDER BY CYCLE_ORDER"))
                .containsExactly(
                        b.id() + "|EX ROW PUBLIC.ACCOUNTS(ID=1)|PUBLIC.ACCOUNTS(ID=2)|TRUE",
                        a.id() + "|EX ROW PUBLIC.ACCOUNTS(ID=2)|PUBLIC.ACCOUNTS(ID=1)|FALSE");
        assertThat(c.reads("SELECT DISTINCT SCRIPT FROM DEADLOCKS")).containsExactly("""
                a: UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1
                b: UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 2
                a: UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 2 -- waits for b, EX ROW on PUBLIC.ACCOUNTS(ID=2)
                b: UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1 -- waits for a, EX ROW on PUBLIC.ACCOUNTS(ID=1)
                -- deadlock, victim b (a has done as much)
                """);
        assertThat(c.reads("SELECT DEADLOCKS, ROWS_LOST FROM DEADLOCK_SHAPES")).containsExactly("1|1");
    }

    @Test
    void abortEndsAWaitAndRollsBackAndTheSessionLives() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        b.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 2");
        Future<List<String>> blocked = b.waits("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");

        c.runs("UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE SESSION = " + b.id());

        assertThatThrownBy(() -> Bank.finish(blocked))
                .isInstanceOfSatisfying(
                        SQLException.class,
                        error -> assertThat(error.getSQLState()).isEqualTo("57014"))
                .hasMessageContaining("aborted by session " + c.id());
        assertThat(c.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 2 FOR UPDATE"))
                .containsExactly("200");
        assertThatThrownBy(() -> b.reads("SELECT 1"))
                .as("its client has not rolled back")
                .hasMessageContaining("aborted by session " + c.id());
        b.runs("ROLLBACK");
        assertThat(b.reads("SELECT 1")).containsExactly("1");
    }

    @Test
    void abortTwoEndsTheSession() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");

        c.runs("UPDATE IPE_CURSESSIONS SET ABORT = 2 WHERE SESSION <> SESSION_ID()");

        assertThat(c.reads("SELECT SESSION FROM IPE_CURSESSIONS")).containsExactly(Integer.toString(c.id()));
        assertThat(c.reads("SELECT * FROM IPE_ALLLOCKS")).isEmpty();
    }

    @Test
    void abortTakesNoOtherNumber() {
        assertThatThrownBy(() -> c.runs("UPDATE IPE_CURSESSIONS SET ABORT = 3 WHERE SESSION = " + a.id()))
                .hasMessageContaining("ABORT = 3 is not a value that ABORT can have.");
    }

    @Test
    void aUserMayEndTheirOwnSessionsOnly() throws Exception {
        c.runs("CREATE USER BOB PASSWORD 'b'");
        c.runs("GRANT ALL ON ACCOUNTS TO BOB");
        Client bob = bank.client("BOB", "b");

        assertThatThrownBy(() -> bob.runs("UPDATE IPE_CURSESSIONS SET ABORT = 1 WHERE SESSION = " + a.id()))
                .hasMessageContaining("User BOB may not end");
        assertThat(bob.reads("SELECT LAST_SQL FROM SYS.SESSIONS WHERE SESSION = " + c.id()))
                .containsExactly("null");
    }

    @Test
    void stopStatementEndsAStatementAndIsContentIfThereIsNone() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        Future<List<String>> blocked = b.waits("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        String id = c.reads("SELECT STATEMENT_ID FROM IPE_CURSESSIONS WHERE SESSION = " + b.id())
                .get(0);

        assertThat(c.reads("SELECT STOP_STATEMENT(" + id + ")")).containsExactly("executed");

        assertThatThrownBy(() -> Bank.finish(blocked)).hasMessageContaining("killed by session " + c.id());
        assertThat(c.reads("CALL STOP_STATEMENT(" + id + ")")).containsExactly("executed");
    }

    @Test
    void killSaysWhatHasBecomeOfTheStatement() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        Future<List<String>> blocked = b.waits("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");
        String kill = "SELECT KILL_STATEMENT(STATEMENT_ID, '%s') FROM SYSTEM.PROCESSES WHERE SESSION_ID = " + b.id();

        assertThat(c.reads(kill.formatted("TEST"))).containsExactly("unknown_status");
        assertThat(c.reads(kill.formatted("SYNC"))).containsExactly("finished");

        assertThat(c.reads("SELECT COUNT(*) FROM SYSTEM.PROCESSES WHERE SESSION_ID = " + b.id()))
                .containsExactly("0");
        assertThat(blocked).failsWithin(java.time.Duration.ofSeconds(60)); // Its thread may be on its way out still.
        assertThat(c.reads("SELECT KILL_STATEMENT(123456, 'ASYNC')")).containsExactly("finished");
    }

    @Test
    void removingALockRollsBackWhoTookIt() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        List<String> lock = c.reads("SELECT LOCKED_OBJECT, STATEMENT_ID FROM SHOW_LOCKS()");
        assertThat(lock).hasSize(1);
        String object = lock.get(0).substring(0, lock.get(0).indexOf('|'));
        String statement = lock.get(0).substring(lock.get(0).indexOf('|') + 1);

        assertThat(c.reads("SELECT REMOVE_LOCK('another', " + statement + ")")).containsExactly("executed");
        assertThat(c.reads("SELECT * FROM SHOW_LOCKS()")).hasSize(1);
        assertThat(c.reads("SELECT REMOVE_LOCK('" + object + "', " + statement + ")"))
                .containsExactly("executed");

        assertThat(c.reads("SELECT * FROM SHOW_LOCKS()")).isEmpty();
        assertThat(c.reads("SELECT BALANCE FROM ACCOUNTS WHERE ID = 1")).containsExactly("100");
    }

    @Test
    void defunctLocksOfTheLivingStay() throws Exception {
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");

        assertThat(c.reads("SELECT RELEASE_DEFUNCT_LOCKS()")).containsExactly("executed");

        assertThat(c.reads("SELECT * FROM SHOW_LOCKS()")).hasSize(1);
    }

    @Test
    void lockOrderIsRememberedAcrossTables() throws Exception {
        c.runs("CREATE TABLE ORDERS(ID INT PRIMARY KEY)");
        a.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
        a.runs("INSERT INTO ORDERS VALUES (1)");
        a.connection().commit();
        b.runs("INSERT INTO ORDERS VALUES (2)");
        b.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 2");
        b.connection().commit();

        assertThat(c.reads(
                        "SELECT FIRST_TABLE, FIRST_SQL, THEN_SQL FROM LOCK_ORDER WHERE INVERTED ORDER BY FIRST_TABLE"))
                .containsExactly(
                        "PUBLIC.ACCOUNTS|UPDATE ACCOUNTS SET BALANCE = ? WHERE ID = ?|INSERT INTO ORDERS VALUES (?)",
                        "PUBLIC.ORDERS|INSERT INTO ORDERS VALUES (?)|UPDATE ACCOUNTS SET BALANCE = ? WHERE ID = ?");
    }

    @Test
    void definitionsHaveNoLockOrderAndATableThatIsGoneHasNone() throws Exception {
        c.runs("CREATE TABLE PARENT(ID INT PRIMARY KEY, V INT)");
        c.runs("CREATE TABLE CHILD(ID IDENTITY, PARENT INT REFERENCES PARENT(ID))");
        c.runs("CREATE TABLE COPY AS SELECT PARENT.ID FROM PARENT, CHILD");
        c.runs("CREATE INDEX BY_V ON PARENT(V)");
        c.runs("ALTER TABLE PARENT ADD W INT");
        c.runs("CREATE VIEW BOTH_OF_THEM AS SELECT CHILD.ID FROM PARENT, CHILD");
        c.runs("GRANT SELECT ON PARENT TO PUBLIC");
        c.runs("COMMENT ON TABLE CHILD IS 'of PARENT'");
        c.runs("ALTER TABLE COPY RENAME TO OTHER");
        c.runs("TRUNCATE TABLE CHILD");
        c.runs("ANALYZE");
        c.runs("SET LOCK_TIMEOUT 1000");
        assertThat(c.reads("SELECT FIRST_TABLE, THEN_TABLE, FIRST_SQL FROM LOCK_ORDER"))
                .isEmpty();

        a.runs("INSERT INTO PARENT VALUES (1, 1, 1)");
        a.runs("INSERT INTO OTHER VALUES (1)");
        a.connection().commit();
        assertThat(c.reads("SELECT FIRST_TABLE, THEN_TABLE FROM LOCK_ORDER"))
                .containsExactly("PUBLIC.PARENT|PUBLIC.OTHER");

        c.runs("DROP TABLE OTHER");
        assertThat(c.reads("SELECT FIRST_TABLE, THEN_TABLE FROM LOCK_ORDER")).isEmpty();
    }

    @Test
    void everyTableCanBeRead() throws Exception {
        List<String> tables = c.reads("SELECT TABLE_SCHEMA || '.' || TABLE_NAME FROM INFORMATION_SCHEMA.TABLES"
                + " WHERE TABLE_SCHEMA IN ('SYS', 'SYSTEM')");

        assertThat(tables).hasSize(23).contains("SYS.IPE_ALLLOCKS", "SYSTEM.PROCESSES");
        for (String table : tables) {
            c.reads("SELECT * FROM " + table);
        }
        assertThat(c.reads("SELECT * FROM SHOW_CONNECTIONS()")).hasSize(3);
        assertThat(c.reads("SELECT STATEMENTSTATUS FROM SHOW_SERVER_STATUS()")).containsExactly("Executing");
    }
}
