package io.mortise.watch;

import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import io.mortise.watch.read.Connections;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A shop in memory: two accounts, Ada, Ben and Cleo as administrators, and EVE, who may read nothing. */
public final class Shop implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    public final String url = "jdbc:mortise:mem:shop" + NUMBER.incrementAndGet();
    public final Interleaving database = Interleaving.over(url)
            .setUp(
                    "SET PARAMETER LOG_WAIT = 0",
                    "CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)",
                    "INSERT INTO ACCOUNTS VALUES(1, 100), (2, 100)",
                    "CREATE USER EVE PASSWORD 'eve'");
    public final TestSession ada = database.session("Ada");
    public final TestSession ben = database.session("Ben");
    public final TestSession cleo = database.session("Cleo");

    public Connections connections() {
        return this::open;
    }

    public Connection open(String user, String password) throws SQLException {
        return DriverManager.getConnection(url, user, password);
    }

    /** Lets other processes in; returns the URL for them. */
    public String served() throws SQLException {
        try (Connection admin = open("sa", "");
                Statement statement = admin.createStatement()) {
            statement.execute("SET PARAMETER SERVE = 'tcp:0'");
            try (ResultSet port =
                    statement.executeQuery("SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'")) {
                port.next();
                return url.replace(
                        "mem:", "h2:tcp://localhost:" + port.getString(1).replace("tcp:", "") + "/mem:");
            }
        }
    }

    /** Returns once so many sessions wait for locks. */
    public void awaitWaiting(int sessions) throws SQLException {
        try (Connection admin = open("sa", "");
                Statement statement = admin.createStatement()) {
            int now = 0;
            while (now < sessions) {
                try (ResultSet count =
                        statement.executeQuery("SELECT COUNT(*) FROM SYS.SESSIONS WHERE STATE = 'LOCK WAIT'")) {
                    count.next();
                    now = count.getInt(1);
                }
            }
        }
    }

    public Step update(TestSession session, int id) {
        return session.step("UPDATE ACCOUNTS SET BALANCE = BALANCE + 1 WHERE ID = " + id);
    }

    /** Ada has row 1; Ben, then Cleo, wait for it. */
    public void queue() {
        update(ada, 1).expectUpdated(1);
        update(ben, 1).expectBlockedBy("Ada");
        update(cleo, 1).expectWaiting();
    }

    /** Ada and Ben take rows 1 and 2, each in its own order; Ben gives way. */
    public void deadlock() {
        update(ada, 1).expectUpdated(1);
        update(ben, 2).expectUpdated(1);
        Step crossing = update(ada, 2).expectWaiting();
        update(ben, 1).expectError("40001");
        crossing.expectUpdated(1);
        ada.rollback().expectFinished();
        ben.rollback().expectFinished();
    }

    /** Ada and Ben each read what the other then writes; Ben, who commits second, could not be serialized. */
    public void failure() {
        for (TestSession session : List.of(ada, ben)) {
            session.step("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                    .expectFinished();
            session.step("SELECT SUM(BALANCE) FROM ACCOUNTS").expectFinished();
        }
        update(ada, 1).expectUpdated(1);
        update(ben, 2).expectUpdated(1);
        ada.commit().expectFinished();
        ben.commit().expectError("40001");
        for (TestSession session : List.of(ada, ben)) {
            session.rollback().expectFinished();
            session.step("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED")
                    .expectFinished();
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
