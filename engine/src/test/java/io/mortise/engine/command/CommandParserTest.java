package io.mortise.engine.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.command.Command.KillQuery;
import io.mortise.engine.command.Command.LockTable;
import io.mortise.engine.command.Command.LockTable.Strength;
import io.mortise.engine.command.CommandParser.Marks;
import java.sql.SQLException;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandParserTest {
    private static final CommandParser PARSER = new CommandParser(new Marks("/*share*/", "/*key*/", "/*low*/"));

    // Commands.

    @Test
    void lockTableNamesTablesAndStrength() throws SQLException {
        assertThat(command("LOCK TABLE accounts IN SHARE MODE"))
                .isEqualTo(new LockTable(tables("accounts"), Strength.SHARE, OptionalLong.empty()));
        assertThat(command("lock table A, public.\"b c\" , `d` in exclusive mode;"))
                .isEqualTo(
                        new LockTable(tables("A", "public.\"b c\"", "`d`"), Strength.EXCLUSIVE, OptionalLong.empty()));
        assertThat(command("LOCK TABLE T IN SHARED MODE"))
                .isEqualTo(new LockTable(tables("T"), Strength.SHARE, OptionalLong.empty()));
    }

    @ParameterizedTest
    @CsvSource({"NOWAIT,0", "WAIT 0,0", "WAIT 3,3000", "WAIT 0.25,250", "wait .5,500"})
    void lockTableSaysHowLongItWaits(String clause, long millis) throws SQLException {
        assertThat(command("LOCK TABLE T IN SHARE MODE " + clause))
                .isEqualTo(new LockTable(tables("T"), Strength.SHARE, OptionalLong.of(millis)));
    }

    @Test
    void commandsOfOneWordOrTwo() throws SQLException {
        assertThat(command("LOCK SYSTEM")).isEqualTo(new Command.LockSystem());
        assertThat(command(" -- at night\n Lock /* the */ System ; ")).isEqualTo(new Command.LockSystem());
        assertThat(command("DISCONNECT;")).isEqualTo(new Command.Disconnect());
    }

    @Test
    void connectTakesAUserAndAPassword() throws SQLException {
        assertThat(command("CONNECT sa")).isEqualTo(new Command.Connect("sa", ""));
        assertThat(command("CONNECT \"Sa\" 'it''s'")).isEqualTo(new Command.Connect("\"Sa\"", "it's"));
        assertThat(command("CONNECT sa 'secret'").toString()).doesNotContain("secret");
    }

    @Test
    void explainOfANameIsOursAndOfAStatementH2s() throws SQLException {
        assertThat(command("explain ipe_alllocks;"))
                .isEqualTo(new Command.DescribeTable(new TableName("ipe_alllocks")));
        assertThat(command("EXPLAIN SYS . LOCKS")).isEqualTo(new Command.DescribeTable(new TableName("SYS.LOCKS")));
        assertThat(command("EXPLAIN LOCKS")).isEqualTo(new Command.DescribeTable(new TableName("LOCKS")));
        assertThat(command("EXPLAIN \"SELECT\"")).isEqualTo(new Command.DescribeTable(new TableName("\"SELECT\"")));
        for (String statement : List.of(
                "EXPLAIN SELECT 1",
                "EXPLAIN PLAN FOR SELECT 1",
                "EXPLAIN ANALYZE TABLE T",
                "EXPLAIN (SELECT 1)",
                "EXPLAIN T U")) {
            assertThat(read(statement).isStoragesOwn()).as(statement).isTrue();
        }
    }

    /** Not token by token: of these nobody needs to know how many there are. */
    @Test
    void semicolonsAtTheEndAreNothing() {
        assertThat(CommandParser.isStorages("SELECT 1" + "; ;".repeat(1000))).isTrue();
        assertThat(CommandParser.isStorages("SELECT 1" + ";".repeat(1000) + "LOCK SYSTEM"))
                .isFalse();
    }

    @Test
    void explainLocksTakesAStatementAsStorageIsToReadIt() throws SQLException {
        assertThat(command("EXPLAIN LOCKS UPDATE T SET A = 1;"))
                .isEqualTo(new Command.ExplainLocks("UPDATE T SET A = 1", 0));
        assertThat(command("EXPLAIN LOCKS SELECT * FROM T WHERE A = CURRENT_SESSION FOR SHARE"))
                .isEqualTo(new Command.ExplainLocks("SELECT * FROM T WHERE A = SESSION_ID() FOR UPDATE /*share*/", 0));
    }

    @Test
    void setParameterTakesNumbersStringsAndWords() throws SQLException {
        assertThat(command("SET PARAMETER lkti = 20")).isEqualTo(new Command.SetParameter("LKTI", "20"));
        assertThat(command("set parameter Lock_Log to 'C:\\a''b'"))
                .isEqualTo(new Command.SetParameter("LOCK_LOG", "C:\\a'b"));
        assertThat(command("SET PARAMETER LOCK_POLICY kognitio"))
                .isEqualTo(new Command.SetParameter("LOCK_POLICY", "kognitio"));
        assertThat(command("SET DEADLOCK_PRIORITY -5")).isEqualTo(new Command.SetParameter("DEADLOCK_PRIORITY", "-5"));
        assertThat(command("SET SESSION_BUSY = WAIT")).isEqualTo(new Command.SetParameter("SESSION_BUSY", "WAIT"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET LOCK_TIMEOUT 100",
                "SET QUERY_TIMEOUT 100",
                "SET @PARAMETER = 1",
                "SET SCHEMA PARAMETER",
                "SET AUTOCOMMIT OFF"
            })
    void whatH2SetsItSets(String sql) throws SQLException {
        assertThat(read(sql).isStoragesOwn()).isTrue();
    }

    @Test
    void killQueryKnowsUserAsAColumn() throws SQLException {
        assertThat(command("KILL QUERY WHERE user = 'user' AND p.USER <> CURRENT_USER -- user\n"))
                .isEqualTo(new KillQuery("USER_NAME = 'user' AND p.USER_NAME <> CURRENT_USER", KillQuery.Mode.ASYNC));
        assertThat(command("KILL QUERY WHERE query_id = 'x' SYNC"))
                .isEqualTo(new KillQuery("query_id = 'x'", KillQuery.Mode.SYNC));
        assertThat(command("KILL QUERY WHERE test = 1 OR elapsed > 2 test;"))
                .isEqualTo(new KillQuery("test = 1 OR elapsed > 2", KillQuery.Mode.TEST));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "LOCK TABLE a, b.\"it's\" IN SHARE MODE | SET @MORTISE = SYS.LOCK_TABLE('a, b.\"it''s\"', 'SHARE')",
                "LOCK TABLE T IN EXCLUSIVE MODE NOWAIT | SET @MORTISE = SYS.LOCK_TABLE('T', 'EXCLUSIVE', 0.000)",
                "LOCK TABLE T IN EXCLUSIVE MODE WAIT 2.5 | SET @MORTISE = SYS.LOCK_TABLE('T', 'EXCLUSIVE', 2.500)",
                "LOCK SYSTEM | SET @MORTISE = SYS.LOCK_SYSTEM()",
                "KILL SESSION 7; | SET @MORTISE = SYS.KILL_SESSION(7, 'DISCONNECT');",
                "kill session ? rollback | SET @MORTISE = SYS.KILL_SESSION(?, 'ROLLBACK')",
                "SET DEADLOCK_PRIORITY -5 | SET @MORTISE = SYS.SET_PARAMETER('DEADLOCK_PRIORITY', '-5')",
                "EXPLAIN ipe_alllocks | SELECT * FROM SYS.EXPLAIN_TABLE('ipe_alllocks')",
                "EXPLAIN LOCKS DELETE FROM T WHERE A = ? | SELECT * FROM SYS.EXPLAIN_LOCKS('DELETE FROM T WHERE A = ?', ?)"
            })
    void everyCommandIsAFunctionToo(String sql, String expected) throws SQLException {
        assertThat(read(sql).textFor(sql)).isEqualTo(expected);
    }

    @Test
    void killQuerySparesItself() throws SQLException {
        assertThat(read("KILL QUERY WHERE elapsed > ? /* s */ OR user = 'JOE' TEST")
                        .textFor(""))
                .startsWith("SELECT SYS.KILL_STATEMENT(STATEMENT_ID, 'TEST', LISTAGG(STATEMENT_ID) OVER ())"
                        + " AS KILL_STATUS, QUERY_ID, ")
                .endsWith(" FROM SYSTEM.PROCESSES WHERE (elapsed > ? /* s */ OR USER_NAME = 'JOE'\n)"
                        + " AND SESSION_ID <> SESSION_ID()");
    }

    @Test
    void whatConcernsTheConnectionComesLastAndIsNoSql() throws SQLException {
        Script script = read("COMMIT; DISCONNECT ; ;");
        assertThat(script.textFor("")).isEqualTo("COMMIT; ");
        assertThat(script.afterwards()).hasValue(new Command.Disconnect());
        assertThat(read("CONNECT SA").textFor("CONNECT SA")).isBlank();
        assertThat(read("CONNECT SA").afterwards()).hasValue(new Command.Connect("SA", ""));
        assertThatThrownBy(() -> read("DISCONNECT; COMMIT")).hasMessageContaining("[*]COMMIT");
    }

    // Other words for H2.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "SELECT SHOW_LOCKS() | SELECT * FROM SHOW_LOCKS()",
                "select /* all */ show_locks ( ) ; | select /* all */ * FROM show_locks ( ) ;",
                "SELECT SHOW_SERVER_STATUS(F(1), ')') | SELECT * FROM SHOW_SERVER_STATUS(F(1), ')')",
                "SELECT * FROM STOP_STATEMENT(1) | SELECT * FROM (SELECT STOP_STATEMENT(1) AS STOP_STATEMENT)",
                "select * from sys.remove_lock('a)', (1)) x"
                        + " | select * from (SELECT sys.remove_lock('a)', (1)) AS remove_lock) x",
                "SELECT * FROM T JOIN RELEASE_DEFUNCT_LOCKS ( )"
                        + " | SELECT * FROM T JOIN (SELECT RELEASE_DEFUNCT_LOCKS ( ) AS RELEASE_DEFUNCT_LOCKS)",
                "SELECT * FROM (SELECT * FROM REMOVE_STATEMENT_LOCKS(CURRENT_SESSION))"
                        + " | SELECT * FROM (SELECT * FROM"
                        + " (SELECT REMOVE_STATEMENT_LOCKS(SESSION_ID()) AS REMOVE_STATEMENT_LOCKS))",
                "SELECT CURRENT_SESSION | SELECT SESSION_ID()",
                "UPDATE ipe_cursessions SET abort = 2 WHERE session <> CURRENT_SESSION"
                        + " | UPDATE ipe_cursessions SET abort = 2 WHERE session <> SESSION_ID()",
                "SELECT 'CURRENT_SESSION', current_session | SELECT 'CURRENT_SESSION', SESSION_ID()",
                "CREATE VIEW V AS SELECT CURRENT_SESSION S | CREATE VIEW V AS SELECT SESSION_ID() S",
                "SELECT * FROM T FOR SHARE | SELECT * FROM T FOR UPDATE /*share*/",
                "SELECT KEY FROM T FOR /* a */ no KEY\tupdate NOWAIT | SELECT KEY FROM T FOR UPDATE NOWAIT",
                "(SELECT * FROM T FOR NO KEY UPDATE SKIP LOCKED) | (SELECT * FROM T FOR UPDATE SKIP LOCKED)",
                "SELECT * FROM T for /**/ share NOWAIT | SELECT * FROM T FOR UPDATE /*share*/ NOWAIT",
                "SELECT * FROM (SELECT * FROM T FOR SHARE) | SELECT * FROM (SELECT * FROM T FOR UPDATE /*share*/)",
                "WITH X AS (SELECT 1) SELECT * FROM X FOR SHARE | WITH X AS (SELECT 1) SELECT * FROM X FOR UPDATE /*share*/",
                "EXPLAIN ANALYZE SELECT * FROM T FOR SHARE | EXPLAIN ANALYZE SELECT * FROM T FOR UPDATE /*share*/",
                "GRANT LOCK_SYSTEM TO JOE | CREATE ROLE IF NOT EXISTS LOCK_SYSTEM; GRANT LOCK_SYSTEM TO JOE",
                "ALTER TABLE T ADD C INT WAIT LOW PRIORITY | ALTER TABLE T ADD C INT /*low*/",
                "DROP INDEX I wait low priority; | DROP INDEX I /*low*/;",
                "TRUNCATE TABLE T WAIT LOW PRIORITY | TRUNCATE TABLE T /*low*/",
                "CREATE INDEX I ON T(A) WAIT LOW PRIORITY | CREATE INDEX I ON T(A) /*low*/"
            })
    void isPutIntoH2sWords(String sql, String expected) throws SQLException {
        assertThat(read(sql).textFor(sql)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT SHOW_LOCKS() FROM DUAL",
                "SELECT STOP_STATEMENT(1)",
                "CALL STOP_STATEMENT(1)",
                "SELECT STOP_STATEMENT(ID) FROM T",
                "SELECT * FROM STOP_STATEMENT",
                "SELECT * FROM \"STOP_STATEMENT\"(1)",
                "SELECT * FROM MINE.STOP_STATEMENT(1)",
                "DELETE FROM REMOVE_LOCK",
                "SELECT SHOW_LOCKS() AS X",
                "SELECT SHOW_LOCKS",
                "SELECT SHOW_LOCKSMITHS()",
                "CALL SHOW_LOCKS()",
                "SELECT * FROM SHOW_LOCKS()",
                "SELECT T.CURRENT_SESSION, CURRENT_SESSION.X, \"CURRENT_SESSION\", CURRENT_SESSION(1) FROM T",
                "SELECT 1 AS CURRENT_SESSION",
                "SELECT [CURRENT_SESSION] FROM T",
                "SELECT 'CURRENT_SESSION', $$CURRENT_SESSION$$ /* CURRENT_SESSION */ -- CURRENT_SESSION",
                "CREATE TABLE T(CURRENT_SESSION INT)",
                "SELECT SUBSTRING(A FROM 1 FOR SHARE) FROM T",
                "SELECT SHARE FROM T FOR UPDATE",
                "CREATE SYNONYM S FOR SHARE",
                "SELECT 'FOR SHARE' FROM T -- FOR SHARE",
                "GRANT SELECT ON LOCK_SYSTEM TO JOE",
                "ALTER TABLE T ADD LOW_PRIORITY INT",
                "INSERT INTO T VALUES('WAIT LOW PRIORITY')",
                "CREATE TABLE PRIORITY(WAIT INT, LOW INT)",
                "SELECT ';LOCK TABLE T IN SHARE MODE'",
                "CREATE ALIAS A AS $$ int f() { return 1; } int LOCK; $$",
                "SELECT \"a;LOCK SYSTEM\", `;LOCK SYSTEM` FROM T",
                "SELECT 1 /* ; /* LOCK SYSTEM; */ ; LOCK SYSTEM */",
                "SELECT ARRAY['];LOCK SYSTEM'][1]",
                "",
                "   ",
                ";;",
                "-- LOCK SYSTEM",
                "LOCKED",
                "'LOCK' SYSTEM",
                "SELECT 'no end ; LOCK SYSTEM",
                "SELECT 1 /* no end ; LOCK SYSTEM"
            })
    void isLeftToH2(String sql) throws SQLException {
        assertThat(read(sql)).isSameAs(Script.STORAGES_OWN);
    }

    // Batches.

    @Test
    void aBatchStaysOneText() throws SQLException {
        String sql = "LOCK TABLE T IN SHARE MODE /* a */; UPDATE T SET A = ?; SELECT ? FROM T -- done;\n; LOCK SYSTEM";
        Script script = read(sql);
        assertThat(script.commands())
                .containsExactly(
                        new LockTable(tables("T"), Strength.SHARE, OptionalLong.empty()), new Command.LockSystem());
        assertThat(script.textFor(sql))
                .isEqualTo("SET @MORTISE = SYS.LOCK_TABLE('T', 'SHARE'); UPDATE T SET A = ?;"
                        + " SELECT ? FROM T -- done;\n; SET @MORTISE = SYS.LOCK_SYSTEM()");
        assertThat(read("SELECT 1; SELECT CURRENT_SESSION; SELECT 3").textFor(""))
                .isEqualTo("SELECT 1; SELECT SESSION_ID(); SELECT 3");
    }

    @Test
    void anErrorAnywhereInABatchIsAnErrorOfTheWhole() {
        assertThatThrownBy(() -> read("INSERT INTO T VALUES(1); LOCK TABLE T IN SHARE; SELECT 1"))
                .isInstanceOf(SQLException.class);
    }

    // Errors.

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "LOCK TABEL T IN SHARE MODE | LOCK [*]TABEL T | 6 | TABLE or SYSTEM | TABEL",
                "LOCK TABLE T INN SHARE MODE | T [*]INN SHARE | 14 | IN or a comma | INN",
                "LOCK TABLE T, IN SHARE MODE | T, [*]IN SHARE | 15 | the name of a table | IN",
                "LOCK TABLE IN SHARE MODE | TABLE [*]IN SHARE | 12 | the name of a table | IN",
                "LOCK TABLE 5 IN SHARE MODE | TABLE [*]5 IN | 12 | the name of a table | 5",
                "LOCK TABLE A. IN SHARE MODE | A. [*]IN SHARE | 15 | the name of a table | IN",
                "LOCK TABLE T IN SOME MODE | IN [*]SOME MODE | 17 | SHARE or EXCLUSIVE | SOME",
                "LOCK TABLE T IN SHARE | SHARE[*] | 22 | MODE | the end",
                "LOCK TABLE T IN SHARE MODE WAIT | WAIT[*] | 32 | a number of seconds from 0 to 2147483.647 | the end",
                "LOCK TABLE T IN SHARE MODE WAIT -1 | WAIT [*]-1 | 33 | a number of seconds from 0 to 2147483.647 | -",
                "LOCK TABLE T IN SHARE MODE WAIT 1x | WAIT [*]1x | 33 | a number of seconds from 0 to 2147483.647 | 1x",
                "LOCK TABLE T IN SHARE MODE WAIT 9999999 | [*]9999999 | 33 | a number of seconds from 0 to 2147483.647 | 9999999",
                "LOCK TABLE T IN SHARE MODE NOWAIT 3 | [*]3 | 35 | the end of the statement | 3",
                "LOCK SYSTEM NOW | SYSTEM [*]NOW | 13 | the end of the statement | NOW",
                "DISCONNECT ALL | [*]ALL | 12 | the end of the statement | ALL",
                "CONNECT | CONNECT[*] | 8 | the name of a user | the end",
                "CONNECT SA ? | SA [*]? | 12 | a password in quotes or the end of the statement | ?",
                "KILL ALL | KILL [*]ALL | 6 | QUERY or SESSION | ALL",
                "KILL SESSION | SESSION[*] | 13 | the number of a session | the end",
                "KILL SESSION -5 | SESSION [*]-5 | 14 | the number of a session | -",
                "KILL SESSION 5 SYNC | 5 [*]SYNC | 16 | CANCEL, ROLLBACK, DISCONNECT or the end of the statement | SYNC",
                "KILL SESSION 5 CANCEL NOW | CANCEL [*]NOW | 23 | the end of the statement | NOW",
                "KILL QUERY 5 | QUERY [*]5 | 12 | WHERE | 5",
                "KILL QUERY WHERE | WHERE[*] | 17 | a condition on SYSTEM.PROCESSES | the end",
                "KILL QUERY WHERE TEST | [*]TEST | 18 | a condition on SYSTEM.PROCESSES | TEST",
                "SET PARAMETER | PARAMETER[*] | 14 | the name of a setting | the end",
                "SET PARAMETER lkti = | =[*] | 21 | a value | the end",
                "SET DEADLOCK_PRIORITY = -HIGH | -[*]HIGH | 26 | a number | HIGH"
            })
    void anErrorSaysWhereAndWhatWasExpected(String sql, String place, int character, String expected, String found) {
        assertThatThrownBy(() -> read(sql))
                .hasMessageContaining(place)
                .hasMessageContaining("at character " + character + ": expected " + expected + ", found " + found
                        + ". Nothing was done.")
                .isInstanceOfSatisfying(
                        SQLException.class,
                        error -> assertThat(error.getSQLState() + " " + error.getErrorCode())
                                .isEqualTo("42000 42000"));
    }

    @Test
    void aLongStatementIsShownAroundThePlaceOnly() {
        String many = "LOCK TABLE " + "T, ".repeat(500) + "U INN SHARE MODE" + " ".repeat(500);
        assertThatThrownBy(() -> read(many))
                .hasMessageContaining("T, U [*]INN SHARE")
                .extracting(Throwable::toString)
                .asString()
                .hasSizeLessThan(500);
    }

    private static Script read(String sql) throws SQLException {
        return PARSER.read(sql);
    }

    private static Command command(String sql) throws SQLException {
        List<Command> commands = read(sql).commands();
        assertThat(commands).hasSize(1);
        return commands.get(0);
    }

    private static List<TableName> tables(String... names) {
        return List.of(names).stream().map(TableName::new).toList();
    }
}
