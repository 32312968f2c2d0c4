package io.mortise.driver.soak;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.XAConnection;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/** What is to be there, and what not, when all clients have gone. Stateless. */
final class Aftermath {
    private Aftermath() {}

    /**
     * Branches that a lever hit between prepare and commit are in doubt, as after a crash: a transaction manager ends
     * them.
     */
    static void endBranches(String url) throws Exception {
        XAConnection manager = SoakTest.source(url).getXAConnection();
        try {
            for (Xid branch : manager.getXAResource().recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN)) {
                manager.getXAResource().rollback(branch);
            }
        } finally {
            manager.close();
        }
    }

    /** No session but this one, no lock but its own, and all money is there. */
    static void check(Connection keeper, long seed) throws SQLException {
        try (Statement statement = keeper.createStatement()) {
            statement.execute("SELECT RELEASE_DEFUNCT_LOCKS()");
            assertThat(column(
                            statement,
                            "SELECT SESSION || ' ' || STATE || ' ' || COALESCE(LAST_SQL, '') FROM SYS.SESSIONS"
                                    + " WHERE SESSION <> SESSION_ID()"))
                    .as("sessions that are left, -Dseed=%d", seed)
                    .isEmpty();
            assertThat(column(
                            statement,
                            "SELECT SESSION || ' ' || TARGET_KIND || ' ' || MODE FROM SYS.LOCKS"
                                    + " WHERE SESSION <> SESSION_ID()"))
                    .as("locks that are left, -Dseed=%d", seed)
                    .isEmpty();
            assertThat(column(statement, "SELECT SUM(V) FROM ACCOUNT"))
                    .as("money, -Dseed=%d", seed)
                    .containsExactly("0");
        }
    }

    static List<String> column(Statement statement, String sql) throws SQLException {
        List<String> found = new ArrayList<>();
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                found.add(rows.getString(1));
            }
        }
        return found;
    }
}
