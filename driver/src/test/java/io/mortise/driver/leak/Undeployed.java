package io.mortise.driver.leak;

import io.mortise.driver.MortiseDataSource;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;

/** An application that brings the driver with it, in a class loader of its own. It ends as a container ends one. */
public final class Undeployed {
    private Undeployed() {}

    /**
     * Connects, changes a row, waits for it in vain in a second session, lists the locks, closes, and takes its drivers
     * back.
     */
    public static void run(String url) throws SQLException {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl(url);
        source.setUser("sa");
        source.setPassword("");
        try (Connection first = source.getConnection();
                Connection second = source.getConnection();
                Statement holds = first.createStatement();
                Statement waits = second.createStatement()) {
            holds.execute("CREATE TABLE IF NOT EXISTS T(ID INT PRIMARY KEY, V INT)");
            holds.execute("MERGE INTO T VALUES(1, 0)");
            first.setAutoCommit(false);
            holds.execute("UPDATE T SET V = V + 1");
            refused(waits);
            try (ResultSet locks = holds.executeQuery("SELECT * FROM SYS.LOCKS")) {
                locks.next();
            }
            first.rollback();
        }
        for (Driver driver : Collections.list(DriverManager.getDrivers())) {
            if (driver.getClass().getClassLoader() == Undeployed.class.getClassLoader()) {
                DriverManager.deregisterDriver(driver);
            }
        }
    }

    /** What any application does that comes next. */
    record Compared(Undeployed one, Object other) {
        static void all() {
            Object object = new Object();
            Compared first = new Compared(new Undeployed(), object);
            Compared second = new Compared(new Undeployed(), object);
            if (first.equals(second)
                    || first.hashCode() == 0
                    || first.toString().isEmpty()) {
                throw new IllegalStateException("two are one");
            }
        }
    }

    /**
     * JDK 17 keeps the class of the component that was last compared by a record's {@code equals}, hashed by its
     * {@code hashCode} and shown by its {@code toString}: each in a handle of its own
     * ({@code java.lang.runtime.ObjectMethods}). The next application's takes its place.
     */
    public static void compare() {
        Compared.all();
    }

    private static void refused(Statement waits) throws SQLException {
        waits.execute("SET LOCK_TIMEOUT 20");
        try {
            waits.execute("UPDATE T SET V = 2");
            throw new IllegalStateException("it was not refused");
        } catch (SQLException e) {
            if (!"HYT00".equals(e.getSQLState())) {
                throw e;
            }
        }
    }
}
