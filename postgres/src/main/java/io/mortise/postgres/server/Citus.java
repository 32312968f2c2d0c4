package io.mortise.postgres.server;

/**
 * Citus 11.1 or newer: {@code citus_locks} is {@code pg_locks} of all nodes, each with the session that the work is
 * for. Untried on a live cluster. Stateless.
 *
 * <p>A session is known by a number across the cluster: its node, times ten thousand million, and its process. The
 * sessions of the node that is asked keep the number of their process here. Those of others have their node before it,
 * so that it is still an int. A row of a shard is named by its place: its table is on another node.
 */
final class Citus implements ServerKind {
    private static final long GLOBAL = 10_000_000_000L;
    private static final int LOCAL = 10_000_000;
    /** A process has a number below ten million; the rest of an int has room for so many nodes. */
    private static final int MOST_NODES = 200;

    @Override
    public String product() {
        return "Citus";
    }

    private static String session(String view) {
        String global = view + ".global_pid";
        return "(CASE WHEN " + global + " / " + GLOBAL + " = citus_backend_gpid() / " + GLOBAL + " THEN " + global
                + " % "
                + GLOBAL + " ELSE (" + global + " / " + GLOBAL + ") % " + MOST_NODES + " * " + LOCAL + " + " + global
                + " % " + GLOBAL + " % " + LOCAL + " END)::int";
    }

    @Override
    public String locks(String monitor) {
        return "SELECT " + session("l") + ", l.locktype,"
                + " CASE WHEN l.relation IS NULL THEN 0"
                + " ELSE (l.nodeid::bigint * 1000003 + l.relation::bigint) % 2147483647 END,"
                + " NULL, l.relation_name, l.page, l.tuple, l.transactionid::text, l.virtualxid,"
                + " l.classid, l.objid, l.objsubid, l.mode, l.granted,"
                + " coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - l.waitstart), 0),"
                + " pg_catalog.split_part(l.virtualtransaction, '/', 2), NULL, l.mode, l.nodeid::text,"
                + " CASE l.locktype WHEN 'tuple' THEN 'ctid=(' || l.page || ',' || l.tuple || ')' END, NULL"
                + " FROM citus_locks l LEFT JOIN citus_stat_activity a"
                + " ON a.global_pid = l.global_pid AND NOT a.is_worker_query"
                + " WHERE l.global_pid IS NOT NULL AND l.global_pid <> citus_backend_gpid()"
                + " AND (NOT l.granted OR l.locktype NOT IN ('virtualxid', 'spectoken'))"
                + " AND (NOT l.granted OR l.relation_name IS NULL OR l.relation_name !~ '^(pg|pg_toast|citus)_')"
                + " AND l.mode <> 'SIReadLock' AND coalesce(a.application_name, '') <> '" + monitor + "'";
    }

    @Override
    public String clients(String monitor) {
        return PlainPostgres.activity(session("s"), "citus_stat_activity s", monitor) + " AND NOT is_worker_query";
    }

    private static String global(int session) {
        boolean isOther = session >= LOCAL;
        return isOther ? Long.toString((long) (session / LOCAL) * GLOBAL + session % LOCAL) : Integer.toString(session);
    }

    @Override
    public String cancel(int session) {
        return "SELECT pg_catalog.pg_cancel_backend(" + global(session) + ")";
    }

    @Override
    public String terminate(int session) {
        return "SELECT pg_catalog.pg_terminate_backend(" + global(session) + ")";
    }
}
