package io.mortise.engine.storage.statement;

import java.util.Set;
import java.util.regex.Pattern;
import org.h2.command.Prepared;
import org.h2.engine.SessionLocal;

/**
 * Statements that H2's client makes of calls that ask for nothing in the database, such as {@code getSchema} and
 * {@code isValid}. A transaction that is lost refuses statements, and these calls go on. Stateless.
 */
public final class WireStatements {
    private static final Set<String> TEXTS = Set.of(
            "CALL SCHEMA()",
            "CALL READONLY()",
            "CALL DATABASE()",
            "CALL LOCK_MODE()",
            "SELECT ISOLATION_LEVEL FROM INFORMATION_SCHEMA.SESSIONS WHERE SESSION_ID = SESSION_ID()",
            "SELECT ISOLATION_LEVEL FROM INFORMATION_SCHEMA.SESSIONS WHERE ID = SESSION_ID()",
            "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME=?",
            "SELECT `VALUE` FROM INFORMATION_SCHEMA.SETTINGS WHERE NAME=?");

    private static final Pattern ROLLBACK = Pattern.compile("\\s*ROLLBACK\\b", Pattern.CASE_INSENSITIVE);

    private WireStatements() {}

    /** Does the innermost statement answer such a call of a client over the network? */
    public static boolean isGetter(SessionLocal session, RunningStatements statements) {
        return isServed(session)
                && statements
                        .prepared()
                        .map(Prepared::getSQL)
                        .filter(TEXTS::contains)
                        .isPresent();
    }

    /**
     * May a client over the network have this read by a transaction that is lost? Its roll-back, and what answers such
     * a call. A direct connection does not come so far.
     */
    public static boolean isReadByTheLost(SessionLocal session, String sql) {
        return !isServed(session)
                || TEXTS.contains(sql)
                || ROLLBACK.matcher(sql).lookingAt();
    }

    private static boolean isServed(SessionLocal session) {
        return session.getNetworkConnectionInfo() != null;
    }
}
