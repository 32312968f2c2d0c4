package io.mortise.driver.waits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.error.SerializationConflictException;
import io.mortise.engine.error.SessionIsLockedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What plain H2 lets through or leaves empty, where the other side waits, refuses, or does it. */
@Timeout(120)
final class PromisesBesidePlainH2Test {

    @ParameterizedTest
    @EnumSource(Side.class)
    void aConflictAtRepeatableReadNamesWhoChangedTheRow(Side side) throws Exception {
        try (Ring ring = Ring.of(side)) {
            Actor reader = ring.actor("reader");
            Actor writer = ring.actor("writer");
            reader.does(() -> {
                reader.connection().setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
                return true;
            });
            reader.runs("SELECT * FROM ACCOUNTS");
            writer.runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
            Attempt waits = reader.waits("UPDATE ACCOUNTS SET BALANCE = BALANCE - 10 WHERE ID = 1");
            writer.commits();

            SQLException conflict = waits.failure();

            assertThat(conflict.getSQLState()).isEqualTo("40001");
            if (side.isPlain()) {
                assertThat(conflict.getMessage()).contains("Deadlock detected");
            } else {
                assertThat(conflict.getMessage())
                        .contains("by session " + writer.id() + " transaction ")
                        .contains(" since your snapshot: PUBLIC.ACCOUNTS(ID=1)");
                assertThat((Throwable) conflict).isInstanceOf(SerializationConflictException.class);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aChildThatComesAfterTheDeleteOfItsParentIsNoOrphan(Side side) throws Exception {
        try (Ring ring = family(side)) {
            Actor deleter = ring.actor("deleter");
            Actor inserter = ring.actor("inserter");
            deleter.runs("DELETE FROM ACCOUNTS WHERE ID = 1");

            play(side, new Pair(deleter, inserter), "INSERT INTO ENTRIES VALUES (1, 1)", "23506");

            assertThat(orphans(ring)).isEqualTo(side.does(List.of("1"), List.of("0")));
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aParentThatIsDeletedAfterTheInsertOfAChildLeavesNoOrphan(Side side) throws Exception {
        try (Ring ring = family(side)) {
            Actor inserter = ring.actor("inserter");
            Actor deleter = ring.actor("deleter");
            inserter.runs("INSERT INTO ENTRIES VALUES (1, 1)");

            play(side, new Pair(inserter, deleter), "DELETE FROM ACCOUNTS WHERE ID = 1", "23503");

            assertThat(orphans(ring)).isEqualTo(side.does(List.of("1"), List.of("0")));
        }
    }

    private record Pair(Actor first, Actor second) {}

    /**
     * The second statement of the two goes through on plain H2; here it waits, and then fails with the constraint's
     * error.
     */
    private static void play(Side side, Pair pair, String sql, String sqlState) throws Exception {
        if (side.isPlain()) {
            pair.second.runs(sql);
            pair.first.commits();
        } else {
            Attempt waits = pair.second.waits(sql);
            pair.first.commits();
            assertThat(waits.failure().getSQLState()).isEqualTo(sqlState);
        }
        pair.second.commits();
    }

    private static Ring family(Side side) throws SQLException {
        Ring ring = Ring.of(side);
        ring.run("CREATE TABLE ENTRIES(ID INT PRIMARY KEY, ACCOUNT INT REFERENCES ACCOUNTS(ID))");
        return ring;
    }

    private static List<String> orphans(Ring ring) throws SQLException {
        return ring.query("SELECT COUNT(*) FROM ENTRIES WHERE ACCOUNT NOT IN (SELECT ID FROM ACCOUNTS)");
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void oneOfTwoSerializableTransactionsThatSkewTheirWritesFails(Side side) throws Exception {
        try (Ring ring = Ring.of(side)) {
            Actor a = ring.actor("a");
            Actor b = ring.actor("b");
            for (Actor actor : List.of(a, b)) {
                actor.does(() -> {
                    actor.connection().setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
                    return true;
                });
                actor.runs("SELECT SUM(BALANCE) FROM ACCOUNTS");
            }
            List<String> ends = new ArrayList<>();
            String empty = "UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = ";
            a.runs(empty + 1);
            b.runs(empty + 2);
            a.commits();
            if (side.isPlain()) {
                b.commits();
            } else {
                ends.add(b.starts(() -> {
                            b.connection().commit();
                            return 0;
                        })
                        .code());
            }

            assertThat(ends).isEqualTo(side.does(List.of(), List.of("40001 90131")));
            assertThat(ring.query("SELECT SUM(BALANCE) FROM ACCOUNTS")).containsExactly(side.does("0", "100"));
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aSecondThreadOnOneConnectionIsToldAtOnce(Side side) throws Exception {
        try (Ring ring = Ring.of(side, side.does(500, 600_000))) {
            Actor first = ring.actor("first");
            ring.actor("holder").runs("UPDATE ACCOUNTS SET BALANCE = 0 WHERE ID = 1");
            Attempt waits = first.waits("UPDATE ACCOUNTS SET BALANCE = 1 WHERE ID = 1");

            if (side.isPlain()) { // It stands there, silently, until the first has ended.
                first.executeElsewhere("SELECT 1");
                assertThat(waits.code()).isEqualTo("HYT00 50200");
            } else {
                assertThatThrownBy(() -> first.executeElsewhere("SELECT 1"))
                        .isInstanceOf(SessionIsLockedException.class)
                        .hasMessageContaining("SET BALANCE = 1 WHERE ID = 1");
                assertThat(waits.isOver()).isFalse();
                first.connection().abort(Runnable::run);
            }
            assertThat(waits.code()).isEqualTo(side.does("HYT00 50200", "08006 90067"));
        }
    }

    @ParameterizedTest
    @EnumSource(Side.class)
    void aQueryTimeoutIsItsStatementsOnly(Side side) throws Exception {
        try (Ring ring = Ring.of(side);
                Statement limited = ring.actor("a").connection().createStatement();
                Statement other = limited.getConnection().createStatement()) {
            limited.setQueryTimeout(7);

            assertThat(other.getQueryTimeout()).isEqualTo(side.does(7, 0));
        }
    }
}
