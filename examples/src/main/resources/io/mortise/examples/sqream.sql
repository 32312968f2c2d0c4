-- database t LOCK_POLICY=sqream

-- = SQream: concurrency and locks
-- Locks are used for consistency when several transactions change the database. Read-only transactions are never blocked, and never
-- block anything.

-- session 1
CREATE TABLE nba("Name" VARCHAR(40), "Team" VARCHAR(40));
INSERT INTO nba VALUES ('Avery Bradley', 'Boston'), ('Luc Richard Mbah a Moute', 'Clippers'), ('Jae Crowder', 'Boston');
CREATE TABLE nba2("Name" VARCHAR(40));
INSERT INTO nba2 VALUES ('nobody');
COMMIT;

-- = Locking modes
-- An inclusive lock is taken to insert: others may insert and delete too, and have to wait with DDL. An exclusive lock makes others
-- wait. A locked object has a name: database$, schema$, table$ with its two halves, globalpermission$.

INSERT INTO nba VALUES ('John Holland', 'Boston');
SELECT locked_object, lockmode FROM SHOW_LOCKS() ORDER BY 1;
ROLLBACK;
DELETE FROM nba WHERE "Team" = 'Boston';
SELECT locked_object, lockmode FROM SHOW_LOCKS() ORDER BY 1;
ROLLBACK;

-- = When are locks obtained?
-- SELECT runs with all of them. INSERT waits for DDL only:

INSERT INTO nba VALUES ('John Holland', 'Boston');

-- session 2
SELECT COUNT(*) FROM nba;
INSERT INTO nba VALUES ('R.J. Hunter', 'Boston');
DELETE FROM nba WHERE "Team" = 'Clippers';
ROLLBACK;

-- DELETE and TRUNCATE wait for each other:

-- session 1
DELETE FROM nba WHERE "Name" = 'Jae Crowder';

-- session 2
TRUNCATE TABLE nba;

-- session 1
COMMIT;

-- session 2
ROLLBACK;

-- and DDL waits for all who write.

-- session 1
INSERT INTO nba VALUES ('Jonas Jerebko', 'Boston');

-- session 2
ALTER TABLE nba ADD COLUMN "Age" INT;

-- session 1
ROLLBACK;

-- = The lock timeout
-- Statements that wait exit with an error when they hit the lock timeout: 3 seconds, see statementLockTimeout.

SELECT parameter, setting, default_setting, unit, description FROM sys.parameters WHERE parameter = 'statement_lock_timeout';
SET PARAMETER statementLockTimeout = 1;
SELECT parameter, setting, default_setting FROM sys.parameters WHERE parameter = 'statement_lock_timeout';
SET PARAMETER statementLockTimeout = 0;

-- A session can have a timeout of its own, in milliseconds.

DELETE FROM nba WHERE "Name" = 'Avery Bradley';

-- session 2
SET LOCK_TIMEOUT 100;
DELETE FROM nba WHERE "Name" = 'John Holland';
-- until session 2 is done
SET LOCK_TIMEOUT 3600000;

-- session 1
ROLLBACK;

-- = Monitoring locks
-- Session 1 has inserted into nba2 and not committed. Session 2 makes a new table in place of the old: it has what DDL locks of the
-- database, and waits for the table.

INSERT INTO nba2 VALUES ('somebody');

-- session 2
DROP TABLE nba2; CREATE TABLE nba2 AS SELECT "Name" FROM nba WHERE REGEXP_LIKE("Name", '( [^ ]+){3}');

-- session 3
SELECT SHOW_LOCKS();

-- SHOW_LOCKS has the locks that are held. Who waits for them, and for whom:

SELECT session, user_name, schema_name, table_name, mode, blocking_session, blocking_sql FROM sys.lock_waits;
SELECT SHOW_CONNECTIONS();
SELECT SHOW_SERVER_STATUS();

-- = Troubleshooting locks
-- 1. Which statement has obtained locks?

SET @STUCK = (SELECT MAX(statement_id) FROM SHOW_LOCKS() WHERE locked_object = 'globalpermission$');
SELECT DISTINCT statement_string FROM SHOW_LOCKS() WHERE statement_id = @STUCK;

-- 2. Is it stuck itself, or does it wait for another?

SELECT sql_text, waited_ms, blocking_session, blocking_state, blocking_sql FROM sys.lock_waits;

-- 3. Abort the statement. This prints "executed", whether there is such a statement or not.

SELECT STOP_STATEMENT(@STUCK);
CALL STOP_STATEMENT(@STUCK);
SELECT * FROM STOP_STATEMENT(@STUCK);

-- 4. If locks still appear, remove the stale ones. Those of a connection that was lost, or of a thread that has died:

SELECT RELEASE_DEFUNCT_LOCKS();
SELECT RELEASE_DEFUNCT_LOCKS(60);
SELECT RELEASE_DEFUNCT_LOCKS(-1);

-- The insert of session 1 is none of those: session 1 lives. One lock, or all of a statement, can be taken away from it; its
-- transaction is rolled back.

SELECT statement_id, statement_string, locked_object, lockmode, is_statement_active, is_snapshot_active FROM SHOW_LOCKS();
SET @STALE = (SELECT MAX(statement_id) FROM SHOW_LOCKS());
SELECT REMOVE_LOCK('table$nothing', @STALE);
SELECT REMOVE_STATEMENT_LOCKS(@STALE);
SELECT SHOW_LOCKS();
SELECT * FROM nba2;

-- All of this is for those who may.

CREATE USER guest PASSWORD 'secret';
COMMIT;

-- session 4
CONNECT guest 'secret';
SELECT RELEASE_DEFUNCT_LOCKS();
SELECT statement_string, username, locked_object FROM SHOW_LOCKS();
