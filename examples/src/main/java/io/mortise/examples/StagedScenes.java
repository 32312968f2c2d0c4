package io.mortise.examples;

import io.mortise.examples.server.OtherProcess;
import io.mortise.examples.server.Place;
import io.mortise.testkit.Interleaving;
import io.mortise.testkit.Step;
import io.mortise.testkit.TestSession;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * What happens when transactions meet, staged: the testkit moves each session step by step and is told by the lock
 * manager when one stands in a queue, so the scenes come out the same on every machine.
 */
final class StagedScenes {
    private final DataSource pool;
    private final Bank bank;
    private final Narrator narrator;

    StagedScenes(DataSource pool, Bank bank, Narrator narrator) {
        this.pool = pool;
        this.bank = bank;
        this.narrator = narrator;
    }

    /** Three sessions want one row: the lock table while two of them wait. */
    void queueAtOneAccount() throws SQLException {
        try (Interleaving stage = Interleaving.over(pool)) {
            TestSession ada = stage.session("Ada");
            TestSession ben = stage.session("Ben");
            TestSession cleo = stage.session("Cleo");
            ada.step("UPDATE ACCOUNTS SET BALANCE = BALANCE - 25 WHERE ID = 1008")
                    .expectUpdated(1);
            narrator.say("Ada (session %d) has taken 25.00 from account 1008, and has not committed yet."
                    .formatted(ada.id()));
            Step second = ben.step("UPDATE ACCOUNTS SET BALANCE = BALANCE - 40 WHERE ID = 1008")
                    .expectBlockedBy("Ada");
            Step third = cleo.step("UPDATE ACCOUNTS SET BALANCE = BALANCE + 40 WHERE ID = 1008")
                    .expectBlockedBy("Ada", "Ben");
            narrator.say("Ben (session %d) and Cleo (session %d) want the same account. They wait, in this order:"
                    .formatted(ben.id(), cleo.id()));
            narrator.quote(bank.read("SELECT TREE FROM SYS.BLOCKING_TREE"));
            narrator.say("And the lock table, which anybody may read without waiting:");
            narrator.quote(bank.look(
                    "SELECT SESSION, STATUS, MODE, TABLE_NAME, ROW_KEY, BLOCKING_SESSION, THREAD_NAME, ACQUIRED_BY"
                            + " FROM SYS.LOCKS WHERE TARGET_KIND = 'ROW' ORDER BY STATUS, REQUESTED_AT"));
            // Behind a commit, PostgreSQL lets those who wait for a row race for its new version.
            ada.rollback().expectFinished();
            second.expectUpdated(1);
            narrator.say(
                    "Ada thinks better of it and rolls back: Ben goes on at once, and Cleo still waits, for Ben now.");
            third.expectBlockedBy("Ben");
            ben.commit().expectFinished();
            third.expectUpdated(1);
            cleo.commit().expectFinished();
            narrator.say("Ben commits, then Cleo. First come, first served.");
        }
    }

    /** A transfer that is staged in two steps. */
    private record Move(TestSession by, int amount, int from, int to) {
        Step take() {
            return by.step("UPDATE ACCOUNTS SET BALANCE = BALANCE - %d WHERE ID = %d".formatted(amount, from));
        }

        Step give() {
            return by.step("UPDATE ACCOUNTS SET BALANCE = BALANCE + %d WHERE ID = %d".formatted(amount, to));
        }
    }

    /** Two transfers in opposite directions: the deadlock, its victim, and the victim's second try. */
    void transfersThatCross() throws SQLException {
        try (Interleaving stage = Interleaving.over(pool)) {
            Move adas = new Move(stage.session("Ada"), 10, 1001, 1002);
            Move bens = new Move(stage.session("Ben"), 15, 1002, 1001);
            narrator.say(
                    "Ada (session %d) moves 10.00 from account 1001 to 1002; Ben (session %d) moves 15.00 the other way."
                            .formatted(adas.by().id(), bens.by().id()));
            adas.take().expectUpdated(1);
            bens.take().expectUpdated(1);
            Step adasCredit = adas.give().expectBlockedBy("Ben");
            Step bensCredit = bens.give();
            // The embedded engine sees the circle when it closes: Ben is the victim. PostgreSQL looks for it after a
            // while,
            // and whose look finds it is the victim.
            boolean isBens = bensCredit.expectEnd().isFailure();
            Move victim = isBens ? bens : adas;
            Move survivor = isBens ? adas : bens;
            SQLException deadlock = (isBens ? bensCredit : adasCredit).expectError("40001");
            narrator.say("Each holds what the other wants. The circle is seen, and %s is the victim:"
                    .formatted(victim.by().name()));
            narrator.quote(deadlock);
            (isBens ? adasCredit : bensCredit).expectUpdated(1);
            survivor.by().commit().expectFinished();
            victim.by().rollback().expectFinished();
            victim.take().expectUpdated(1);
            victim.give().expectUpdated(1);
            victim.by().commit().expectFinished();
            narrator.say(
                    "%s's transfer went through without noticing. %2$s's was rolled back whole; %2$s made it again,"
                                    .formatted(survivor.by().name(), victim.by().name())
                            + " and it went through.");
            narrator.say("The deadlock is kept, with a script that the testkit can play again:");
            narrator.quote(
                    bank.read("SELECT SCRIPT FROM SYS.DEADLOCKS ORDER BY DEADLOCK_ID DESC, CYCLE_ORDER LIMIT 1"));
        }
    }

    /** Two processes at one server want one row: each of them sees both. */
    void twoProcesses(Place place) throws SQLException, IOException {
        String tree = "SELECT TREE FROM SYS.BLOCKING_TREE";
        try (Interleaving stage = Interleaving.over(pool);
                OtherProcess branch = OtherProcess.at(place.urlOfBank() + "&APPLICATION_NAME=branch")) {
            String pid = branch.run("SELECT pg_backend_pid()").get(0);
            branch.run("UPDATE ACCOUNTS SET BALANCE = BALANCE - 50 WHERE ID = 1008");
            TestSession ben = stage.session("Ben");
            narrator.say(
                    "A branch, another Java process (%d), has taken 50.00 from account 1008: session %s of the server."
                            .formatted(branch.pid(), pid));
            Step waiting = ben.step("UPDATE ACCOUNTS SET BALANCE = BALANCE + 50 WHERE ID = 1008")
                    .expectWaiting();
            narrator.say("Ben (session %d), in this process, puts them back. He waits. SYS.BLOCKING_TREE, asked here:"
                    .formatted(ben.id()));
            narrator.quote(bank.read(tree));
            narrator.say("The same, asked by the branch:");
            narrator.quote(String.join("\n", branch.run(tree)));
            branch.close();
            waiting.expectUpdated(1);
            ben.commit().expectFinished();
            narrator.say("The branch commits, and Ben goes on.");
        }
    }

    /** Two threads on one connection: the second statement is refused, by name. */
    void twoThreadsOnOneConnection() throws SQLException {
        try (Interleaving stage = Interleaving.over(pool)) {
            TestSession ada = stage.session("Ada");
            TestSession ben = stage.session("Ben");
            ada.step("UPDATE ACCOUNTS SET BALANCE = BALANCE - 5 WHERE ID = 1021")
                    .expectUpdated(1);
            Step bensUpdate = ben.step("UPDATE ACCOUNTS SET BALANCE = BALANCE - 7 WHERE ID = 1021")
                    .expectBlockedBy("Ada");
            narrator.say(
                    "Ben's update waits for Ada, so it is in flight on his connection. Another thread uses that connection:");
            narrator.quote(refusalOnA(ben.connection()));
            narrator.say("Ben's own statement was not disturbed: it goes on as soon as Ada gives up.");
            ada.rollback().expectFinished();
            bensUpdate.expectUpdated(1);
            ben.rollback().expectFinished();
        }
    }

    private static SQLTransientException refusalOnA(Connection busy) throws SQLException {
        try (Statement statement = busy.createStatement()) {
            statement.executeQuery("SELECT COUNT(*) FROM ACCOUNTS");
            throw new AssertionError("a statement came in while another was in flight");
        } catch (SQLTransientException refused) {
            return refused;
        }
    }
}
