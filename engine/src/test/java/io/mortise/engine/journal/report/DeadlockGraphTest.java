package io.mortise.engine.journal.report;

import static io.mortise.engine.scene.Scene.BOB;
import static io.mortise.engine.scene.Scene.NAMES;
import static io.mortise.engine.scene.Scene.crossedTransfers;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class DeadlockGraphTest {
    @Test
    void theGraphHasANodeASessionAndAnEdgeAWait() {
        assertThat(new DeadlockGraph(crossedTransfers(), Sight.ofAll(NAMES)).dot())
                .isEqualTo("""
                        digraph deadlock_1 {
                          s7 [label="session 7 BOB (victim)\\nUPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2", \
                        style=filled, fillcolor=lightcoral];
                          s5 [label="session 5 SA\\nUPDATE ACCOUNTS SET BALANCE = BALANCE + 10 WHERE ID = 1"];
                          s7 -> s5 [label="EX ROW on PUBLIC.ACCOUNTS(ID=2)", tooltip="HOLDS"];
                          s5 -> s7 [label="EX ROW on PUBLIC.ACCOUNTS(ID=1)", tooltip="HOLDS"];
                        }
                        """);
    }

    @Test
    void theJsonHasAMemberASessionAndHidesWhatTheReaderMayNotSee() {
        assertThat(new DeadlockGraph(crossedTransfers(), Sight.of(BOB, NAMES)).json())
                .isEqualTo("""
                        {"id":1,"victim":7,"members":[\
                        {"session":7,"tno":214,"user":"BOB","waitsFor":"EX ROW on PUBLIC.ACCOUNTS(ID=2)",\
                        "waitsForSession":5,"edge":"HOLDS","rowsChanged":1,\
                        "sql":"UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 2"},\
                        {"session":5,"tno":209,"user":"SA","waitsFor":"EX ROW on PUBLIC.ACCOUNTS(ID=1)",\
                        "waitsForSession":7,"edge":"HOLDS","rowsChanged":1,"sql":"(another user's statement)"}]}""");
    }
}
