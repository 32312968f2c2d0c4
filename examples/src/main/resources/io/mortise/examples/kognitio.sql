-- database k LOCK_POLICY=kognitio LOCK_LOG=$FOLDER/locking.log DA_DUMP_LKTI=1

-- = Kognitio: how locks work
-- Locking an object makes sure that nobody does what conflicts with what you do. A lock is on a table or on a row, shared (SH) or
-- exclusive (EX). Sessions 1, 2 and 3 are in transaction mode: nothing is committed until they say so.

-- session 1
CREATE TABLE mjbt1(id INT PRIMARY KEY, name VARCHAR(20));
INSERT INTO mjbt1 VALUES (1, 'one'), (2, 'two'), (3, 'three');
CREATE TABLE mjbt2(id INT PRIMARY KEY, name VARCHAR(20));
INSERT INTO mjbt2 VALUES (1, 'uno'), (2, 'due');
COMMIT;

-- Every time an object is involved in a transaction, it is locked, to the end of the transaction: that the command is over is not
-- enough.

UPDATE mjbt1 SET name = 'eins' WHERE name = 'one';

-- session 2
UPDATE mjbt1 SET name = 'zwei' WHERE name = 'two';

-- Session 2 is pending. In ipe_transaction, the transaction of session 1 has one entry, its beginning: it is open, and holds its
-- locks.

-- session 3
SELECT session, tno, lock_type, lock_level, table_name, row_key, status, blocking_session FROM ipe_alllocks;
SELECT session, tno, event, event_time FROM ipe_transaction WHERE tno IN (SELECT blocking_tno FROM ipe_alllocks);

-- session 1
COMMIT;

-- Now it has two, and is over.

-- session 3
SELECT session, tno, COUNT(*) AS entries FROM ipe_transaction GROUP BY session, tno ORDER BY tno DESC LIMIT 2;

-- session 2
ROLLBACK;

-- = What locks conflict with each other?
-- Shared locks do not.

-- session 1
LOCK TABLE mjbt1 IN SHARE MODE;

-- session 2
LOCK TABLE mjbt1 IN SHARE MODE;

-- session 1
ROLLBACK;

-- session 2
ROLLBACK;

-- An exclusive lock conflicts with any other on the same table; and a lock on a row of it with one on the table.

-- session 1
DELETE FROM mjbt1 WHERE name = 'two';

-- session 2
LOCK TABLE mjbt1 IN SHARE MODE NOWAIT;

-- session 1
ROLLBACK;

-- What would a statement lock? It need not be run to know.

-- session 1
EXPLAIN LOCKS UPDATE mjbt1 SET name = 'x' WHERE name IN (SELECT name FROM mjbt2);

-- = Lock timeouts
-- A request is outstanding for 24 hours at most. The parameter lkti makes that less, in seconds; a session can have its own timeout, in
-- milliseconds.

SELECT parameter, setting, default_setting, unit, description FROM sys.parameters WHERE parameter IN ('lkti', 'da_dump_lkti');
SET PARAMETER lkti = 3600;
SELECT parameter, setting, default_setting, unit FROM sys.parameters WHERE parameter = 'lkti';
LOCK TABLE mjbt1 IN SHARE MODE;

-- session 2
SET LOCK_TIMEOUT 1500;
LOCK TABLE mjbt1 IN EXCLUSIVE MODE;
-- until session 2 is done

-- session 1
COMMIT;

-- session 2
SET LOCK_TIMEOUT 3600000;

-- = Deadlocks
-- Transaction A gets an exclusive lock on table T1, transaction B one on T2, and each asks for a shared lock on what the other has.
-- Kognitio detects it, and one of the transactions gets an error; the other goes on.

-- session 1
LOCK TABLE mjbt1 IN EXCLUSIVE MODE;

-- session 2
LOCK TABLE mjbt2 IN EXCLUSIVE MODE;

-- session 1
SELECT COUNT(*) FROM mjbt2;

-- session 2
SELECT COUNT(*) FROM mjbt1;
COMMIT;

-- session 1
COMMIT;

-- = Monitoring locks
-- The virtual table ipe_alllocks shows the locks that are held and those that are pending. To find out what is in it:

EXPLAIN ipe_alllocks;

-- session 1
LOCK TABLE mjbt1, mjbt2 IN EXCLUSIVE MODE;

-- session 2
UPDATE mjbt1 SET name = 'x' WHERE id = 1;

-- session 3
SELECT * FROM ipe_alllocks;

-- Tied back to ipe_cursessions, for what runs now:

SELECT s.session, s.user_name, s.state, l.lock_type, l.lock_level, l.table_name, l.status, s.current_sql
FROM ipe_alllocks l JOIN ipe_cursessions s ON s.session = l.session;

-- ... and to ipe_command, for what has run:

SELECT c.session, c.tno, c.seq, c.status, c.rows_affected, c.sql_text
FROM ipe_command c WHERE c.tno IN (SELECT tno FROM ipe_alllocks) ORDER BY c.session, c.seq;

-- The Console's locks report, and its blocking locks report: what holds up the queries of whoever asks.

SELECT * FROM ipe_locks_report;
SELECT * FROM ipe_blocking_locks_report;

-- The same as a tree, which Kognitio does not have:

SELECT tree FROM sys.blocking_tree;

-- = Lock timeouts and deadlocks, afterwards
-- Both have left an entry in SYS.IPE_ERRORLOG; here the first line of each.

SELECT event_time, session, tno, code, REGEXP_SUBSTR(text, '^[^\n]*') AS text FROM SYS.IPE_ERRORLOG;

-- Which queries caused the problem? Those of the transactions that it names:

SELECT e.code, c.session, c.tno, c.status, c.sql_text
FROM ipe_errorlog e JOIN ipe_command c ON c.session = e.session AND c.tno = e.tno
ORDER BY e.id, c.seq;

-- Abort one of the sessions if that is right. 1 ends what it runs, 2 ends the session.

UPDATE ipe_cursessions SET abort = 1 WHERE state = 'LOCK WAIT';

-- session 1
COMMIT;

-- The transaction that was aborted is gone, and every statement of its session says so until it rolls back.

-- session 2
ROLLBACK;

-- Whoever waits for more than da_dump_lkti seconds (600, and 1 here) has all locks written to a log file, and so has a deadlock.

-- session 3
SELECT FILE_READ('$FOLDER/locking.log', 'UTF-8') AS log;

-- = Manual table lock
-- For a transaction of several updates that wants its tables locked as early as possible. Session 1:

-- session 1
LOCK TABLE mjbt1 IN EXCLUSIVE MODE;

-- session 2
SELECT * FROM mjbt1;

-- session 1
UPDATE mjbt1 SET name = UPPER(name);
DELETE FROM mjbt1 WHERE id = 3;
COMMIT;

-- session 2
COMMIT;

-- Without transaction mode the lock is gone at once.

SET AUTOCOMMIT ON;
LOCK TABLE mjbt1 IN EXCLUSIVE MODE;
SET AUTOCOMMIT OFF;

-- What is misspelt, or not there, locks nothing.

LOCK TABEL mjbt1 IN SHARE MODE;
LOCK TABLE mjbt1, mjbt9 IN SHARE MODE;
LOCK TABLE mjbt1 IN MODE;
SELECT COUNT(*) AS locks FROM ipe_alllocks;

-- = Lock system
-- A global session, where nobody else has access: to keep users out while something is done. Administrators can have it, and whoever
-- they give the right.

-- session 3
SET DB_CLOSE_DELAY -1;
CREATE USER operator PASSWORD 'secret';
COMMIT;

-- session 2
CONNECT operator 'secret';
LOCK SYSTEM;

-- session 3
GRANT LOCK_SYSTEM TO operator;
COMMIT;

-- session 2
LOCK SYSTEM;

-- Others are connected, and have to be ended first. Session 1 is in the middle of something; ending it rolls that back. It is not for
-- everybody: an operator can end their own sessions only.

-- session 1
DELETE FROM mjbt1;

-- session 2
UPDATE ipe_cursessions SET abort = 2 WHERE session <> CURRENT_SESSION;

-- session 3
UPDATE ipe_cursessions SET abort = 2 WHERE session <> CURRENT_SESSION;
SELECT session, user_name, state FROM ipe_cursessions;
LOCK SYSTEM;
SELECT session, user_name, lock_type, lock_level, status FROM ipe_alllocks;

-- Session 1 is gone, and whoever comes is told why not:

-- session 1
SELECT COUNT(*) FROM mjbt1;

-- session 4

-- The global session lasts until its user disconnects, by DISCONNECT or by another CONNECT.

-- session 3
DISCONNECT;

-- session 5
SELECT COUNT(*) FROM mjbt1;
CONNECT operator 'secret';
LOCK SYSTEM;
CONNECT sa;
SELECT COUNT(*) AS locks FROM ipe_alllocks;
SET DB_CLOSE_DELAY 0;
