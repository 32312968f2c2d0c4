package io.mortise.engine.scene;

import static io.mortise.engine.scene.Scene.ACCOUNTS;
import static io.mortise.engine.scene.Scene.CREDIT;
import static io.mortise.engine.scene.Scene.DEBIT;
import static io.mortise.engine.scene.Scene.FIVE;
import static io.mortise.engine.scene.Scene.NOW;
import static io.mortise.engine.scene.Scene.SEVEN;
import static io.mortise.engine.scene.Scene.SUM;

import io.mortise.engine.journal.failure.SerialFailure.Access;
import io.mortise.engine.journal.failure.SerialFailure.Edge;
import io.mortise.engine.journal.failure.SerialFailure.Found;
import io.mortise.engine.journal.failure.SerialFailure.Kind;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.UserName;
import java.util.List;

/** The scene's two sessions at SERIALIZABLE: what cannot be brought into an order. */
public final class Doctors {
    /** What BOB has read before he changed anything. */
    public static final StatementRecord LOOK =
            Scene.statement(39, SEVEN, "BOB", "SELECT BALANCE FROM ACCOUNTS WHERE ID = 1", "http-12");

    private Doctors() {}

    /** 5 has read all accounts and changed row 1; 7 has read row 1 and changed row 2, and gives way as it commits. */
    public static Found bothHaveRead() {
        Edge in = new Edge(ACCOUNTS, new Access(FIVE, SUM, ""), new Access(SEVEN, DEBIT, "ID=2"));
        Edge out = new Edge(ACCOUNTS, new Access(SEVEN, LOOK, "ID=1"), new Access(FIVE, CREDIT, "ID=1"));
        return new Found(
                Kind.READ_WRITE,
                NOW,
                SEVEN,
                new UserName("BOB"),
                StatementRecord.NONE,
                List.of(in, out),
                "the other was the first to commit",
                "");
    }

    /** 7 was about to change row 2, which somebody has changed since its snapshot. */
    public static Found rowChanged() {
        Access unknown = new Access(OwnerId.of(0), StatementRecord.NONE, "ID=2");
        return new Found(
                Kind.ROW_CHANGED,
                NOW,
                SEVEN,
                new UserName("BOB"),
                DEBIT,
                List.of(new Edge(ACCOUNTS, new Access(SEVEN, DEBIT, "ID=2"), unknown)),
                "who changes a row first keeps it",
                "");
    }

    /** 7 has waited for row 1 and got it: 5 has changed that, and so has committed. */
    public static Found rowChangedByFive() {
        return new Found(
                Kind.ROW_CHANGED,
                NOW,
                SEVEN,
                new UserName("BOB"),
                DEBIT,
                List.of(new Edge(ACCOUNTS, new Access(SEVEN, DEBIT, "ID=1"), new Access(FIVE, CREDIT, "ID=1"))),
                "who changes a row first keeps it",
                "");
    }

    /** What 7 has collided with is not kept one by one any more. */
    public static Found forgotten() {
        return new Found(
                Kind.READ_WRITE,
                NOW,
                SEVEN,
                new UserName("BOB"),
                DEBIT,
                List.of(),
                "it stands between the others, and could still be ended",
                "");
    }
}
