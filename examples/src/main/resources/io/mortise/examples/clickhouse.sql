-- database c

-- = ClickHouse: session is locked
-- A session runs one statement at a time. If a second comes while the first is running, the second fails at once; the first goes on.
-- A session has a name that connections of the same user can share: the property session_id.

-- session admin
CREATE TABLE events(id INT PRIMARY KEY, what VARCHAR(20));
INSERT INTO events VALUES (1, 'login'), (2, 'click'), (3, 'logout');
COMMIT;

-- session a SESSION_ID=report
CREATE LOCAL TEMPORARY TABLE top(id INT, what VARCHAR(20)) NOT PERSISTENT;
INSERT INTO top SELECT * FROM events;
COMMIT;

-- session b SESSION_ID=report
SELECT * FROM top;

-- session patient SESSION_ID=report SESSION_BUSY=WAIT SESSION_BUSY_TIMEOUT=100
COMMIT;

-- session retrying SESSION_ID=report SESSION_BUSY=RETRY SESSION_BUSY_TIMEOUT=250
COMMIT;

-- They are all one session: it has one temporary table. Now the first has a statement in flight; it waits for a row that the
-- administrator changes.

-- session admin
UPDATE events SET what = 'view' WHERE id = 2;

-- session a
-- query_id stuck
UPDATE events SET what = 'tap' WHERE id = 2;

-- session b
SELECT * FROM top;

-- = Troubleshooting
-- 1. A session_id for each workflow that runs at the same time: there is no contention.

-- session c SESSION_ID=another
SELECT COUNT(*) FROM events;

-- 2. Or one statement after another, by a session that lets them wait in line: session_busy=WAIT, up to session_busy_timeout.
-- Here, 100 ms are too few.

-- session patient
SELECT COUNT(*) FROM top;

-- 3. Check for long-running queries: what holds the session? ClickHouse's own table does not say.

-- session admin
SELECT query_id, elapsed, query FROM system.processes ORDER BY elapsed DESC;
SELECT query_id, session_id, session_name, state, thread_name, query FROM system.processes WHERE query_id <> 'none';
SELECT * FROM system.sessions;

-- If a stuck query is the cause, kill it. TEST says whom that would hit; SYNC waits for the end.

KILL QUERY WHERE query_id = 'stuck' TEST;
KILL QUERY WHERE query_id = 'stuck' SYNC;
KILL QUERY WHERE query_id = 'stuck';
KILL QUERY WHERE user = 'SA' AND elapsed > 3600;
KILL QUERY WHERE nonsense = 1;
KILL QUERY WHERE elapsed > ;
KILL QUERY query_id = 'stuck';

-- session b
SELECT * FROM top;

-- 4. Sessions are for temporary tables and settings. Without a session_id nobody else can meet the rule.

-- session e
SELECT COUNT(*) FROM events;

-- 5. Back off and retry, as the driver does with session_busy=RETRY, up to session_busy_timeout.

-- session a
UPDATE events SET what = 'tap' WHERE id = 2;

-- session retrying
SELECT COUNT(*) FROM top;

-- session admin
COMMIT;

-- session retrying
SELECT COUNT(*) FROM top;

-- = Sessions come and go
-- A session that has to exist already:

-- session g SESSION_ID=nobody SESSION_CHECK=1
