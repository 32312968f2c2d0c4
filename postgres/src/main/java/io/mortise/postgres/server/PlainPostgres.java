package io.mortise.postgres.server;

/** One server, by {@code pg_locks} and {@code pg_stat_activity}. Stateless. */
final class PlainPostgres implements ServerKind {
    @Override
    public String product() {
        return "PostgreSQL";
    }

    @Override
    public String locks(String monitor) {
        return "SELECT coalesce(a.leader_pid, l.pid), l.locktype, l.relation, n.nspname, c.relname,"
                + " l.page, l.tuple, l.transactionid::text, l.virtualxid, l.classid, l.objid, l.objsubid, l.mode, l.granted,"
                + " coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - l.waitstart), 0),"
                + " pg_catalog.split_part(l.virtualtransaction, '/', 2), c.relkind, l.mode, NULL, NULL, NULL"
                + " FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid"
                + " LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation"
                + " LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                + " WHERE l.pid <> pg_catalog.pg_backend_pid() AND (l.database IS NULL OR l.database IN"
                + " (0, (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())))"
                + " AND (NOT l.granted OR l.locktype NOT IN ('virtualxid', 'spectoken'))"
                + " AND (NOT l.granted OR n.nspname IS NULL OR n.nspname NOT IN"
                + " ('pg_catalog', 'pg_toast', 'information_schema'))"
                + " AND l.mode <> 'SIReadLock' AND coalesce(a.application_name, '') <> '" + monitor + "'";
    }

    @Override
    public String clients(String monitor) {
        return activity("pid", "pg_catalog.pg_stat_activity", monitor);
    }

    /** Of a view that has the columns of {@code pg_stat_activity}. */
    static String activity(String session, String view, String monitor) {
        return "SELECT " + session + ", usesysid, usename, application_name,"
                + " coalesce(pg_catalog.host(client_addr), ''), backend_start, state, wait_event_type = 'Lock',"
                + " extract(epoch FROM pg_catalog.clock_timestamp() - state_change),"
                + " extract(epoch FROM pg_catalog.clock_timestamp() - xact_start),"
                + " extract(epoch FROM pg_catalog.clock_timestamp() - query_start), query"
                + " FROM " + view + " WHERE datname = pg_catalog.current_database()"
                + " AND pid <> pg_catalog.pg_backend_pid() AND backend_type = 'client backend'"
                + " AND application_name <> '" + monitor + "'";
    }

    @Override
    public String cancel(int session) {
        return "SELECT pg_catalog.pg_cancel_backend(" + session + ")";
    }

    @Override
    public String terminate(int session) {
        return "SELECT pg_catalog.pg_terminate_backend(" + session + ")";
    }
}
