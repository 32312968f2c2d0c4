package io.mortise.postgres.server;

/**
 * YugabyteDB: its {@code pg_locks} tells of the whole cluster, each lock with its node, key and who is in its way
 * ({@code ybdetails}). Untried on a live server. Stateless.
 *
 * <p>Of a table it announces what is locked below, as {@code WEAK}; of a row or a column of it, {@code STRONG} is what
 * excludes others.
 */
final class Yugabyte implements ServerKind {
    /** The values of a key are told; their names are those of the primary key: {@code id=42}. */
    private static final String LOCKS = """
            SELECT l.pid, CASE l.locktype WHEN 'relation' THEN 'relation' ELSE 'row' END, l.relation, n.nspname, c.relname,
              NULL, NULL, NULL, NULL, NULL, NULL, NULL,
              CASE WHEN l.locktype <> 'relation'
                  THEN CASE WHEN l.mode LIKE '%WRITE%' THEN 'ExclusiveLock' ELSE 'RowShareLock' END
                WHEN l.mode LIKE '%STRONG_WRITE%' THEN 'AccessExclusiveLock'
                WHEN l.mode LIKE '%STRONG_READ%' THEN 'ShareLock'
                WHEN l.mode LIKE '%WRITE%' THEN 'RowExclusiveLock' ELSE 'AccessShareLock' END,
              l.granted,
              CASE WHEN l.granted THEN 0
                ELSE coalesce(extract(epoch FROM pg_catalog.clock_timestamp() - l.waitstart), 0) END,
              NULL, c.relkind, l.mode, l.ybdetails->>'node',
              CASE WHEN l.locktype <> 'relation' THEN coalesce(
                (SELECT string_agg(a.attname || '=' || v.value, ', ' ORDER BY v.ordinality)
                  FROM jsonb_array_elements_text(l.ybdetails->'keyrangedetails'->'cols') WITH ORDINALITY v
                  JOIN pg_catalog.pg_index i ON i.indrelid = l.relation AND i.indisprimary
                  JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[v.ordinality - 1]),
                l.ybdetails->'keyrangedetails'->>'cols', 'unknown') END,
              (SELECT string_agg(DISTINCT h.pid::text, ',') FROM pg_locks h WHERE h.granted AND NOT l.granted
                AND jsonb_exists(l.ybdetails->'blocked_by', h.ybdetails->>'transactionid'))
            FROM pg_locks l LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
              LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_catalog.pg_stat_activity s ON s.pid = l.pid
            WHERE l.pid IS NOT NULL AND l.pid <> pg_catalog.pg_backend_pid()
              AND coalesce(s.application_name, '') <> '%s'
            """;

    @Override
    public String product() {
        return "YugabyteDB";
    }

    @Override
    public String locks(String monitor) {
        return LOCKS.replace("%s", monitor);
    }

    @Override
    public String clients(String monitor) {
        return PlainPostgres.activity("pid", "pg_catalog.pg_stat_activity", monitor);
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
