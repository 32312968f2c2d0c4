package io.mortise.all;

import com.zaxxer.hikari.SQLExceptionOverride;
import io.mortise.driver.MortiseDataSource;
import io.mortise.driver.MortiseExceptionOverride;
import io.mortise.engine.error.LockTimeoutException;
import io.mortise.engine.lock.LockManager;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockSnapshot;
import java.io.Serializable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.stream.Stream;
import javax.sql.XAConnection;
import org.h2.api.Trigger;

/**
 * An application that uses what {@code mortise-all} shows of itself, and gives H2 classes of its own. Prints a line a
 * thing.
 */
public final class Shop {
    private Shop() {}

    /** What {@code CREATE ALIAS … FOR} names. */
    public static int twice(int value) {
        return 2 * value;
    }

    /** A trigger as H2 asks for it. */
    public static final class Doubled implements Trigger {
        @Override
        public void fire(Connection connection, Object[] oldRow, Object[] newRow) {
            newRow[1] = twice((Integer) newRow[1]);
        }
    }

    /** A value of a JAVA_OBJECT column. */
    public record Price(int cents) implements Serializable {}

    public static void main(String[] arguments) throws SQLException {
        MortiseDataSource source = new MortiseDataSource();
        source.setUrl("jdbc:mortise:mem:shop");
        source.setUser("sa");
        source.setLockTimeout(1);
        try (Connection one = source.getConnection();
                Connection two = source.getConnection();
                Statement first = one.createStatement();
                Statement second = two.createStatement()) {
            first.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
            classesOfItsOwn(one, first);
            one.setAutoCommit(false);
            first.execute("UPDATE T SET V = 1 WHERE ID = 1");
            try {
                second.execute("UPDATE T SET V = 2 WHERE ID = 1");
            } catch (LockTimeoutException e) {
                System.out.println("held by " + e.blockers().size());
                System.out.println("kept "
                        + (new MortiseExceptionOverride().adjudicate(e) == SQLExceptionOverride.Override.DO_NOT_EVICT));
            }
            System.out.println(
                    "locks " + one.unwrap(LockManager.class).snapshot().rows().isEmpty());
            try (Stream<LockRow> rows = one.unwrap(LockSnapshot.Rest.class).rows()) {
                System.out.println("rows " + rows.count());
            }
            one.rollback();
        }
        XAConnection distributed = source.getXAConnection();
        System.out.println("xa " + distributed.getConnection().isValid(1));
        distributed.close();
    }

    private static void classesOfItsOwn(Connection connection, Statement statement) throws SQLException {
        statement.execute("CREATE ALIAS TWICE FOR '" + Shop.class.getName() + ".twice'");
        statement.execute("CREATE TRIGGER D BEFORE INSERT ON T FOR EACH ROW CALL '" + Doubled.class.getName() + "'");
        statement.execute("INSERT INTO T VALUES (1, 21)");
        try (ResultSet rows = statement.executeQuery("SELECT V, TWICE(V) FROM T")) {
            System.out.println(rows.next() ? rows.getInt(1) + " " + rows.getInt(2) : "");
        }
        statement.execute("CREATE TABLE O(P JAVA_OBJECT)");
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO O VALUES (?)")) {
            insert.setObject(1, new Price(7));
            insert.executeUpdate();
        }
        try (ResultSet rows = statement.executeQuery("SELECT P FROM O")) {
            System.out.println(rows.next() ? rows.getObject(1) : "");
        }
    }
}
