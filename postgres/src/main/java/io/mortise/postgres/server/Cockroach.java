package io.mortise.postgres.server;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * CockroachDB 23.1 or newer: {@code crdb_internal.cluster_locks} tells of the whole cluster, each lock with its key as
 * text. Asking it takes a call to each node. Untried on a live cluster. Stateless.
 */
final class Cockroach implements ServerKind {
    private static final Pattern LOCK = Pattern.compile("\\s*LOCK\\b.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
    private static final Pattern NAMES = Pattern.compile(
            ".*\\b(ADVISORY_LOCK|SESSION_LOCK|SESSION_UNLOCK)\\s*\\(.*", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);

    @Override
    public String product() {
        return "CockroachDB";
    }

    @Override
    public String locks(String monitor) {
        return "SELECT s.pg_backend_pid, '" + ServerLock.ROW + "', l.table_id, l.schema_name, l.table_name, NULL, NULL,"
                + " NULL, NULL, NULL, NULL, NULL,"
                + " CASE WHEN l.lock_strength IN ('None', 'Shared') THEN 'RowShareLock' ELSE 'ExclusiveLock' END, l.granted,"
                + " CASE WHEN l.granted THEN 0 ELSE coalesce(extract(epoch FROM l.duration), 0) END,"
                + " NULL, NULL, l.lock_strength, s.node_id::text, l.lock_key_pretty, NULL"
                + " FROM crdb_internal.cluster_locks l"
                + " JOIN crdb_internal.cluster_sessions s ON s.kv_txn = l.txn_id::text"
                + " WHERE l.database_name = current_database() AND s.application_name <> '" + monitor + "'";
    }

    @Override
    public String clients(String monitor) {
        return "SELECT s.pg_backend_pid, 0, s.user_name, s.application_name, s.client_address,"
                + " s.session_start::timestamptz, CASE WHEN q.query_id IS NOT NULL THEN 'active'"
                + " WHEN s.kv_txn IS NOT NULL THEN 'idle in transaction' ELSE 'idle' END, false,"
                + " extract(epoch FROM now() - coalesce(q.start, s.active_query_start, s.session_start)::timestamptz),"
                + " extract(epoch FROM now() - t.start::timestamptz),"
                + " coalesce(extract(epoch FROM now() - q.start::timestamptz), 0), coalesce(q.query, s.last_active_query, '')"
                + " FROM crdb_internal.cluster_sessions s"
                + " LEFT JOIN crdb_internal.cluster_queries q ON q.session_id = s.session_id"
                + " LEFT JOIN crdb_internal.cluster_transactions t ON t.session_id = s.session_id"
                + " WHERE s.pg_backend_pid <> pg_backend_pid() AND s.application_name <> '" + monitor + "'"
                + " AND s.application_name NOT LIKE '$ internal%'";
    }

    @Override
    public String cancel(int session) {
        return "CANCEL QUERIES IF EXISTS (SELECT q.query_id FROM crdb_internal.cluster_queries q JOIN"
                + " crdb_internal.cluster_sessions s ON s.session_id = q.session_id WHERE s.pg_backend_pid = " + session
                + ")";
    }

    @Override
    public String terminate(int session) {
        return "CANCEL SESSIONS IF EXISTS (SELECT s.session_id FROM crdb_internal.cluster_sessions s"
                + " WHERE s.pg_backend_pid = " + session + ")";
    }

    @Override
    public Optional<String> refusal(String command) {
        if (LOCK.matcher(command).matches()) {
            return Optional.of(
                    "CockroachDB has no LOCK TABLE. Nothing was done: lock the rows with SELECT ... FOR UPDATE.");
        }
        return NAMES.matcher(command).matches()
                ? Optional.of("CockroachDB accepts advisory locks and locks nothing. Nothing was done: lock a row of a"
                        + " table of yours with SELECT ... FOR UPDATE.")
                : Optional.empty();
    }
}
