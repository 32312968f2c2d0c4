package io.mortise.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.EdgeKind;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.postgres.lock.Look;
import io.mortise.postgres.lock.Told;
import io.mortise.postgres.server.Backend;
import io.mortise.postgres.server.ServerKind;
import io.mortise.postgres.server.ServerLock;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What a cluster is taken to say, by rows in tables of the shape and name that its documentation gives. No cluster
 * takes part: CockroachDB's rows are those of the basic example of its page on {@code crdb_internal} (v23.1), with
 * sessions' numbers added; YugabyteDB's follow the attributes in its page on {@code pg_locks} (preview, 2024); Citus's
 * follow the definition of {@code citus_locks} (11.1). The queries run on PostgreSQL, which proves that they can be
 * read.
 */
@Timeout(180)
@ExtendWith(TestServer.Stops.class)
final class ClustersTest {
    /** As in CockroachDB's example. */
    private static final String DATABASE = "defaultdb";

    @SuppressWarnings("NullAway.Init")
    private Connection server;

    @BeforeEach
    void freshDatabase() throws SQLException {
        try (Connection plain = TestServer.plain()) {
            TestServer.run(plain, "DROP DATABASE IF EXISTS " + DATABASE);
            TestServer.run(plain, "CREATE DATABASE " + DATABASE);
        }
        server = DriverManager.getConnection(
                "jdbc:postgresql://localhost:" + TestServer.port() + "/" + DATABASE + "?user=postgres");
    }

    @AfterEach
    void leave() throws SQLException {
        server.close();
    }

    @Test
    void aServerIsWhatItSaysItIs() {
        assertThat(ServerKind.of("", "18.6", "").product()).isEqualTo("PostgreSQL");
        assertThat(ServerKind.of("", "15.12-YB-2025.1.0.0-b0", "").product()).isEqualTo("YugabyteDB");
        assertThat(ServerKind.of("", "17.6", "13.2-1").product()).isEqualTo("Citus");
        assertThat(ServerKind.of("CockroachDB CCL v23.1.0", "13.0.0", "").product())
                .isEqualTo("CockroachDB");
    }

    private record Found(Look look, Told told, List<LockRow> rows) {
        LockRow pending() {
            List<LockRow> pending = rows.stream().filter(row -> !row.granted()).toList();
            assertThat(pending).hasSize(1);
            return pending.get(0);
        }

        Backend client(int session) {
            return Objects.requireNonNull(look.backends().get(session));
        }

        ServerLock of(LockRow row) {
            return told.told(row).orElseThrow();
        }
    }

    private Found look(ServerKind kind) throws SQLException {
        Look look = Look.by(server, kind, Map.of());
        Told told = new Told(look, pid -> new OwnerId(pid, 0), pid -> StatementRecord.NONE);
        return new Found(look, told, told.rows());
    }

    @Test
    void cockroachTellsKeysOfTheWholeClusterAndItsModesAreTwo() throws SQLException {
        TestServer.run(server, """
                CREATE SCHEMA crdb_internal;
                CREATE TABLE crdb_internal.cluster_locks (range_id INT, table_id INT, database_name TEXT, schema_name TEXT,
                  table_name TEXT, index_name TEXT, lock_key BYTEA, lock_key_pretty TEXT, txn_id UUID, ts TIMESTAMP,
                  lock_strength TEXT, durability TEXT, granted BOOLEAN, contended BOOLEAN, duration INTERVAL);
                INSERT INTO crdb_internal.cluster_locks VALUES
                  (44, 107, 'defaultdb', 'public', 'kv', 'kv_pkey', '', '/Table/107/1/1/0',
                   'd11a08c4-a3a2-4bdb-bf10-8d2373426faf', '2022-07-27 18:57:06.808046', 'Exclusive', 'Unreplicated', true,
                   true, '00:00:10'),
                  (44, 107, 'defaultdb', 'public', 'kv', 'kv_pkey', '', '/Table/107/1/1/0',
                   '34ebadb6-99f1-4547-b487-4b322506b7fe', '2022-07-27 18:57:13.173556', 'Exclusive', 'Unreplicated', false,
                   true, '00:00:04');
                CREATE TABLE crdb_internal.cluster_sessions (node_id INT, session_id TEXT, user_name TEXT,
                  client_address TEXT, application_name TEXT, last_active_query TEXT, session_start TIMESTAMP,
                  active_query_start TIMESTAMP, kv_txn TEXT, status TEXT, pg_backend_pid INT);
                INSERT INTO crdb_internal.cluster_sessions VALUES
                  (1, '17056bb535ead9a00000000000000001', 'root', '127.0.0.1:51093', '$ cockroach sql', 'SELECT 1',
                   '2022-07-26 15:48:00', NULL, 'd11a08c4-a3a2-4bdb-bf10-8d2373426faf', 'IDLE', 1001),
                  (3, '17056bb7e47a6ec00000000000000003', 'root', '127.0.0.1:51094', '$ cockroach sql', NULL,
                   '2022-07-26 15:48:10', '2022-07-26 15:48:18', '34ebadb6-99f1-4547-b487-4b322506b7fe', 'ACTIVE', 1003);
                CREATE TABLE crdb_internal.cluster_queries (query_id TEXT, session_id TEXT, start TIMESTAMP, query TEXT);
                INSERT INTO crdb_internal.cluster_queries VALUES ('17056bbd362852780000000000000003',
                  '17056bb7e47a6ec00000000000000003', '2022-07-26 15:48:18', 'SELECT * FROM kv WHERE k = 1 FOR UPDATE');
                CREATE TABLE crdb_internal.cluster_transactions (id TEXT, session_id TEXT, start TIMESTAMP);
                INSERT INTO crdb_internal.cluster_transactions VALUES ('d11a08c4-a3a2-4bdb-bf10-8d2373426faf',
                  '17056bb535ead9a00000000000000001', '2022-07-26 15:48:08')
                """);
        Found found = look(ServerKind.of("CockroachDB CCL v23.1.0", "13.0.0", ""));

        LockRow waiter = found.pending();
        assertThat(waiter.owner().session()).isEqualTo(1003);
        assertThat(waiter.mode()).isEqualTo(LockMode.X);
        assertThat(found.look().of(waiter.target()).text()).isEqualTo("public.kv(/Table/107/1/1/0)");
        assertThat(waiter.blockers()).singleElement().satisfies(blocker -> {
            assertThat(blocker.owner().session()).isEqualTo(1001);
            assertThat(blocker.kind()).isEqualTo(EdgeKind.HOLDS);
        });
        assertThat(found.of(waiter)).satisfies(lock -> {
            assertThat(lock.serverMode()).isEqualTo("Exclusive");
            assertThat(lock.node()).isEqualTo("3");
        });
        assertThat(found.rows()).hasSize(2);
        assertThat(found.client(1001).state()).isEqualTo("idle in transaction");
        assertThat(found.client(1003).query()).isEqualTo("SELECT * FROM kv WHERE k = 1 FOR UPDATE");
    }

    @Test
    void whatCockroachHasNotIsRefused() {
        ServerKind cockroach = ServerKind.of("CockroachDB CCL v23.1.0", "13.0.0", "");

        assertThat(cockroach.refusal("lock table T in share mode").orElseThrow())
                .contains("FOR UPDATE");
        assertThat(cockroach.refusal("SELECT ADVISORY_LOCK('a')").orElseThrow()).contains("locks nothing");
        assertThat(cockroach.refusal("SELECT * FROM SYS.LOCKS")).isEmpty();
        assertThat(ServerKind.of("", "18.6", "").refusal("LOCK TABLE t")).isEmpty();
    }

    @Test
    void yugabyteTellsNodesKeysAndWhoIsInTheWay() throws SQLException {
        TestServer.run(server, """
                CREATE TABLE products (id BIGINT PRIMARY KEY, name TEXT);
                CREATE SCHEMA yugabyte;
                CREATE TABLE yugabyte.pg_locks (locktype TEXT, database OID, relation OID, pid INT, mode TEXT,
                  granted BOOLEAN, fastpath BOOLEAN, waitstart TIMESTAMPTZ, waitend TIMESTAMPTZ, ybdetails JSONB);
                INSERT INTO yugabyte.pg_locks VALUES
                  ('relation', 0, 'products'::regclass, 2001, '{WEAK_READ,WEAK_WRITE}', true, false, NULL, now(),
                   '{"node": "n1", "transactionid": "aa", "is_explicit": false, "blocked_by": null}'),
                  ('column', 0, 'products'::regclass, 2001, '{STRONG_READ,STRONG_WRITE}', true, false, NULL, now(),
                   '{"node": "n1", "transactionid": "aa", "blocked_by": null,
                     "keyrangedetails": {"cols": ["42"], "attnum": 2, "column_id": 1}}'),
                  ('row', 0, 'products'::regclass, 2002, '{STRONG_READ}', false, false, now() - interval '5 s', NULL,
                   '{"node": "n2", "transactionid": "bb", "is_explicit": true, "blocked_by": ["aa"],
                     "keyrangedetails": {"cols": ["42"], "attnum": null, "column_id": null}}');
                SET search_path = yugabyte, pg_catalog, public
                """);
        Found found = look(ServerKind.of("", "15.12-YB-2025.1.0.0-b0", ""));

        LockRow waiter = found.pending();
        assertThat(waiter.mode()).isEqualTo(LockMode.S);
        assertThat(found.look().of(waiter.target()).text()).isEqualTo("public.products(id=42)");
        assertThat(waiter.blockers()).singleElement().satisfies(blocker -> {
            assertThat(blocker.owner().session()).isEqualTo(2001);
            assertThat(blocker.kind()).isEqualTo(EdgeKind.HOLDS);
        });
        assertThat(found.of(waiter).node()).isEqualTo("n2");
        assertThat(found.of(waiter).serverMode()).isEqualTo("{STRONG_READ}");
        assertThat(found.rows())
                .filteredOn(LockRow::granted)
                .extracting(LockRow::mode)
                .containsExactlyInAnyOrder(LockMode.IX, LockMode.X);
    }

    @Test
    void citusTellsEachLockWithItsSessionAndItsNode() throws SQLException {
        TestServer.run(server, """
                CREATE FUNCTION citus_backend_gpid() RETURNS BIGINT AS 'SELECT 10000000099' LANGUAGE sql;
                CREATE TABLE citus_locks (global_pid BIGINT, nodeid INT, locktype TEXT, database OID, relation OID,
                  relation_name TEXT, page INT, tuple SMALLINT, virtualxid TEXT, transactionid XID, classid OID, objid OID,
                  objsubid SMALLINT, virtualtransaction TEXT, pid INT, mode TEXT, granted BOOLEAN, fastpath BOOLEAN,
                  waitstart TIMESTAMPTZ);
                INSERT INTO citus_locks VALUES
                  (10000000123, 2, 'relation', 5, 16500, 'dist_table_102008', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                   '4/77', 901, 'RowExclusiveLock', true, true, NULL),
                  (10000000123, 2, 'transactionid', NULL, NULL, NULL, NULL, NULL, NULL, '755', NULL, NULL, NULL,
                   '4/77', 901, 'ExclusiveLock', true, false, NULL),
                  (30000000456, 2, 'tuple', 5, 16500, 'dist_table_102008', 0, 7, NULL, NULL, NULL, NULL, NULL,
                   '5/12', 902, 'ExclusiveLock', true, false, NULL),
                  (30000000456, 2, 'transactionid', NULL, NULL, NULL, NULL, NULL, NULL, '755', NULL, NULL, NULL,
                   '5/12', 902, 'ShareLock', false, false, now() - interval '3 s');
                CREATE TABLE citus_stat_activity (global_pid BIGINT, nodeid INT, is_worker_query BOOLEAN, datname NAME,
                  pid INT, usesysid OID, usename NAME, application_name TEXT, client_addr INET, backend_start TIMESTAMPTZ,
                  xact_start TIMESTAMPTZ, query_start TIMESTAMPTZ, state_change TIMESTAMPTZ, wait_event_type TEXT,
                  state TEXT, query TEXT, backend_type TEXT);
                INSERT INTO citus_stat_activity VALUES
                  (10000000123, 1, false, 'defaultdb', 123, 10, 'postgres', 'app', NULL, now(), now(), now(), now(), 'Client',
                   'idle in transaction', 'UPDATE dist_table SET b = 1 WHERE a = 1', 'client backend'),
                  (30000000456, 3, false, 'defaultdb', 456, 10, 'postgres', 'app', NULL, now(), now(), now(), now(), 'Client',
                   'active', 'UPDATE dist_table SET b = 2 WHERE a = 1', 'client backend')
                """);
        ServerKind citus = ServerKind.of("", "17.6", "13.2-1");
        Found found = look(citus);

        LockRow waiter = found.pending();
        int other = 30_000_456;
        assertThat(waiter.owner().session()).isEqualTo(other);
        assertThat(found.look().of(waiter.target()).text()).endsWith("dist_table_102008(ctid=(0,7))");
        assertThat(waiter.blockers())
                .singleElement()
                .satisfies(blocker -> assertThat(blocker.owner().session()).isEqualTo(123));
        assertThat(found.of(waiter).node()).isEqualTo("2");
        assertThat(found.client(other).query()).endsWith("SET b = 2 WHERE a = 1");
        assertThat(citus.cancel(other)).contains("(30000000456)");
        assertThat(citus.terminate(123)).contains("(123)");
    }
}
