package io.mortise.bench.workload;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** What the accounts must look like once so many units are done: a benchmark that loses money measures nothing. */
enum Expectation {
    NOTHING_CHANGED {
        @Override
        void check(Connection connection, long units) throws SQLException {
            expect("sum of balances", OPENING_SUM, sum(connection));
        }
    },
    ONE_MORE_A_UNIT {
        @Override
        void check(Connection connection, long units) throws SQLException {
            expect("sum of balances", OPENING_SUM + units, sum(connection));
        }
    },
    ONE_MORE_AND_ITS_HISTORY {
        @Override
        void check(Connection connection, long units) throws SQLException {
            ONE_MORE_A_UNIT.check(connection, units);
            expect("rows of history", units, number(connection, "SELECT COUNT(*) FROM HISTORY"));
        }
    },
    /** Emptied whenever it has become that large, by its only client. */
    HISTORY_ROUND_AND_ROUND {
        @Override
        void check(Connection connection, long units) throws SQLException {
            expect("rows of history", units % HISTORY_AT_MOST, number(connection, "SELECT COUNT(*) FROM HISTORY"));
        }
    },
    AN_ENTRY_A_UNIT {
        @Override
        void check(Connection connection, long units) throws SQLException {
            expect("entries", units, number(connection, "SELECT COUNT(*) FROM ENTRIES"));
        }
    };

    static final int HISTORY_AT_MOST = 200_000;

    private static final long OPENING_SUM = (long) Workloads.ACCOUNTS * Workloads.OPENING_BALANCE;

    /** Throws if it is not so. */
    abstract void check(Connection connection, long units) throws SQLException;

    static long sum(Connection connection) throws SQLException {
        return number(connection, "SELECT SUM(BALANCE) FROM ACCOUNTS");
    }

    private static long number(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    static void expect(String what, long expected, long found) {
        if (expected != found) {
            throw new IllegalStateException(what + ": " + found + " where " + expected + " were acknowledged");
        }
    }
}
