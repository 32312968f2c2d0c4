package io.mortise.engine.policy;

import static io.mortise.engine.policy.Isolation.READ_COMMITTED;
import static io.mortise.engine.policy.Isolation.REPEATABLE_READ;
import static io.mortise.engine.policy.Isolation.SERIALIZABLE;
import static io.mortise.engine.policy.Situation.Mode.AUTOCOMMIT;
import static io.mortise.engine.policy.Situation.Mode.TRANSACTION;
import static io.mortise.engine.policy.StatementKind.*;
import static io.mortise.engine.policy.TableAccess.READ;
import static io.mortise.engine.policy.TableAccess.READ_BY_KEY;
import static io.mortise.engine.policy.TableAccess.REFERENCE;
import static io.mortise.engine.policy.TableAccess.WHOLE;
import static io.mortise.engine.policy.TableAccess.WRITE;
import static io.mortise.engine.policy.TableAccess.WRITE_BY_KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.LockTarget.Facet;
import io.mortise.engine.lock.LockTarget.Facet.Half;
import io.mortise.engine.lock.LockTarget.Schema;
import io.mortise.engine.lock.LockTarget.Table;
import io.mortise.engine.policy.KognitioPolicy.AutocommitSelect;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each test is a cell, or a few, of the table "What a statement locks". */
class LockPolicyTest {
    private static final Schema PUBLIC = new Schema(2);
    private static final Table ACCOUNTS = new Table(2, 39);
    private static final Table ORDERS = new Table(2, 7);

    private static final LockPolicy MVCC = new MvccPolicy(2_000);
    private static final LockPolicy KOGNITIO = new KognitioPolicy(86_400_000, AutocommitSelect.AT_NOW);
    private static final LockPolicy KOGNITIO_OF_OLD = new KognitioPolicy(86_400_000, AutocommitSelect.LOCKING);
    private static final LockPolicy SQREAM = new SqreamPolicy(3_000);

    @Test
    void anMvccSelectLocksNothingBelowSerializable() {
        for (Situation.Mode mode : Situation.Mode.values()) {
            assertThat(locks(MVCC, Situation.of(SELECT, REPEATABLE_READ, mode), READ))
                    .isEqualTo("table -, rows -");
            assertThat(locks(MVCC, Situation.of(SELECT, READ_COMMITTED, mode), READ_BY_KEY))
                    .isEqualTo("table -, rows -");
        }
    }

    @Test
    void anMvccSelectAtSerializableLocksTheTableOrTheOneRow() {
        Situation situation = Situation.of(SELECT, SERIALIZABLE, TRANSACTION);
        assertThat(locks(MVCC, situation, READ)).isEqualTo("table S, rows -");
        assertThat(locks(MVCC, situation, READ_BY_KEY)).isEqualTo("table IS, rows S");
    }

    @Test
    void mvccWritersLockRows() {
        for (StatementKind kind : List.of(INSERT, UPDATE, DELETE, MERGE)) {
            Situation situation = Situation.of(kind, READ_COMMITTED, TRANSACTION);
            assertThat(locks(MVCC, situation, WRITE)).as("%s", kind).isEqualTo("table IX, rows X");
            assertThat(locks(MVCC, situation, READ)).as("subquery of %s", kind).isEqualTo("table -, rows -");
        }
    }

    @Test
    void aSerializableWriterThatSearchesKeepsRowsItHasNotSeenOut() {
        assertThat(locks(MVCC, Situation.of(UPDATE, SERIALIZABLE, TRANSACTION), WRITE))
                .isEqualTo("table SIX, rows X");
        assertThat(locks(MVCC, Situation.of(UPDATE, SERIALIZABLE, TRANSACTION), WRITE_BY_KEY))
                .isEqualTo("table IX, rows X");
        assertThat(locks(MVCC, Situation.of(INSERT, SERIALIZABLE, TRANSACTION), WRITE))
                .isEqualTo("table IX, rows X");
    }

    @Test
    void forShareAndForUpdateLockTheRowsTheySelect() {
        assertThat(locks(MVCC, Situation.of(SELECT_FOR_SHARE, READ_COMMITTED, TRANSACTION), READ))
                .isEqualTo("table IS, rows S");
        assertThat(locks(MVCC, Situation.of(SELECT_FOR_UPDATE, READ_COMMITTED, TRANSACTION), READ))
                .isEqualTo("table IX, rows X");
        assertThat(locks(KOGNITIO, Situation.of(SELECT_FOR_SHARE, READ_COMMITTED, AUTOCOMMIT), READ))
                .isEqualTo("table S, rows -");
        assertThat(locks(KOGNITIO, Situation.of(SELECT_FOR_UPDATE, READ_COMMITTED, AUTOCOMMIT), READ))
                .isEqualTo("table IX, rows X");
    }

    @Test
    void aKognitioSelectLocksUnlessItIsATransactionOfItsOwn() {
        Situation alone = Situation.of(SELECT, READ_COMMITTED, AUTOCOMMIT);
        Situation inTransaction = Situation.of(SELECT, READ_COMMITTED, TRANSACTION);
        assertThat(locks(KOGNITIO, alone, READ)).isEqualTo("table -, rows -");
        assertThat(locks(KOGNITIO, inTransaction, READ)).isEqualTo("table S, rows -");
        assertThat(locks(KOGNITIO, inTransaction, READ_BY_KEY)).isEqualTo("table S, rows -");
        assertThat(locks(KOGNITIO_OF_OLD, alone, READ)).isEqualTo("table S, rows -");
    }

    @Test
    void aKognitioWriterLocksTheTableUnlessAKeyNamesTheRow() {
        assertThat(locks(KOGNITIO, Situation.of(UPDATE, READ_COMMITTED, AUTOCOMMIT), WRITE))
                .isEqualTo("table X, rows X");
        assertThat(locks(KOGNITIO, Situation.of(UPDATE, READ_COMMITTED, AUTOCOMMIT), WRITE_BY_KEY))
                .isEqualTo("table IX, rows X");
        assertThat(locks(KOGNITIO, Situation.of(INSERT, READ_COMMITTED, AUTOCOMMIT), WRITE))
                .isEqualTo("table X, rows X");
        assertThat(locks(KOGNITIO, Situation.of(INSERT, READ_COMMITTED, AUTOCOMMIT), READ))
                .as("what INSERT ... SELECT reads")
                .isEqualTo("table S, rows -");
    }

    @Test
    void aForeignKeyLocksTheParentsKeyInEveryPolicy() {
        Situation situation = Situation.of(INSERT, READ_COMMITTED, AUTOCOMMIT);
        for (LockPolicy policy : List.of(MVCC, KOGNITIO, SQREAM)) {
            assertThat(locks(policy, situation, REFERENCE))
                    .as(policy.name().text())
                    .isEqualTo("table IS, rows S");
        }
    }

    @Test
    void everyPolicyAnnouncesDdlAboveTheTable() {
        for (LockPolicy policy : List.of(MVCC, KOGNITIO)) {
            assertThat(policy.requests(committed(TABLE_DDL), Footprint.of(ACCOUNTS, WHOLE)))
                    .as(policy.name().text())
                    .containsExactly(
                            new WantedLock(new LockTarget.Database(), LockMode.IX),
                            new WantedLock(PUBLIC, LockMode.IX),
                            new WantedLock(ACCOUNTS, LockMode.X));
        }
        assertThat(SQREAM.requests(committed(TABLE_DDL), Footprint.of(ACCOUNTS, WHOLE)))
                .containsExactly(
                        new WantedLock(new LockTarget.GlobalPermission(), LockMode.X),
                        new WantedLock(new LockTarget.Database(), LockMode.IX),
                        new WantedLock(PUBLIC, LockMode.IX),
                        new WantedLock(new Facet(ACCOUNTS, Half.INSERT), LockMode.X),
                        new WantedLock(new Facet(ACCOUNTS, Half.UPDATE), LockMode.X));
    }

    @Test
    void aTableYetToBeIsAnnouncedInItsSchema() {
        assertThat(MVCC.requests(committed(TABLE_DDL), Footprint.of(PUBLIC)))
                .containsExactly(
                        new WantedLock(new LockTarget.Database(), LockMode.IX), new WantedLock(PUBLIC, LockMode.IX));
    }

    @Test
    void schemasAndRightsAreLockedWhole() {
        for (LockPolicy policy : List.of(MVCC, KOGNITIO, SQREAM)) {
            assertThat(policy.requests(committed(SCHEMA_DDL), Footprint.of(PUBLIC)))
                    .as(policy.name().text())
                    .contains(new WantedLock(PUBLIC, LockMode.X));
            assertThat(policy.requests(committed(RIGHTS), Footprint.nothing()))
                    .as(policy.name().text())
                    .containsExactly(new WantedLock(new LockTarget.GlobalPermission(), LockMode.X));
            assertThat(policy.requests(committed(LOCK_SYSTEM), Footprint.nothing()))
                    .as(policy.name().text())
                    .containsExactly(new WantedLock(new LockTarget.System(), LockMode.X));
        }
    }

    @Test
    void lockTableTakesTheTableOrBothItsHalves() {
        Footprint footprint = Footprint.of(ACCOUNTS, WHOLE);
        assertThat(MVCC.requests(committed(LOCK_TABLE_SHARE), footprint))
                .containsExactly(new WantedLock(ACCOUNTS, LockMode.S));
        assertThat(KOGNITIO.requests(committed(LOCK_TABLE_EXCLUSIVE), footprint))
                .containsExactly(new WantedLock(ACCOUNTS, LockMode.X));
        assertThat(SQREAM.requests(committed(LOCK_TABLE_SHARE), footprint))
                .contains(
                        new WantedLock(new Facet(ACCOUNTS, Half.INSERT), LockMode.S),
                        new WantedLock(new Facet(ACCOUNTS, Half.UPDATE), LockMode.S));
    }

    @Test
    void tablesAreAskedForInOneOrderHoweverTheyAreNamed() {
        Footprint.Use accounts = new Footprint.Use(ACCOUNTS, WHOLE);
        Footprint.Use orders = new Footprint.Use(ORDERS, WHOLE);
        for (LockPolicy policy : List.of(MVCC, KOGNITIO, SQREAM)) {
            assertThat(policy.requests(committed(LOCK_TABLE_EXCLUSIVE), Footprint.of(accounts, orders)))
                    .as(policy.name().text())
                    .isEqualTo(policy.requests(committed(LOCK_TABLE_EXCLUSIVE), Footprint.of(orders, accounts)))
                    .isSortedAccordingTo(WantedLock.IN_ORDER);
        }
    }

    @Test
    void aTableUsedTwiceIsAskedForOnceInTheModeThatCoversBoth() {
        Footprint footprint =
                Footprint.of(new Footprint.Use(ACCOUNTS, READ), new Footprint.Use(ACCOUNTS, WRITE_BY_KEY));
        assertThat(KOGNITIO.requests(committed(UPDATE), footprint))
                .containsExactly(new WantedLock(ACCOUNTS, LockMode.SIX));
    }

    @Test
    void askingAboutOneTableMakesNoNewObjects() {
        assertThat(Situation.of(UPDATE, READ_COMMITTED, AUTOCOMMIT))
                .isSameAs(Situation.of(UPDATE, READ_COMMITTED, AUTOCOMMIT));
        everySituation().forEach(situation -> {
            for (LockPolicy policy : List.of(MVCC, KOGNITIO, KOGNITIO_OF_OLD, SQREAM)) {
                for (TableAccess access : TableAccess.values()) {
                    assertThat(policy.tableLock(situation, access)).isSameAs(policy.tableLock(situation, access));
                    assertThat(policy.rowLock(situation, access)).isSameAs(policy.rowLock(situation, access));
                }
            }
        });
    }

    /** Rows are locked under an announcement: SH ROW under IS or stronger, EX ROW under IX or stronger. */
    @Test
    void noRowIsLockedUnannounced() {
        everySituation().forEach(situation -> {
            for (LockPolicy policy : List.of(MVCC, KOGNITIO, KOGNITIO_OF_OLD)) {
                for (TableAccess access : TableAccess.values()) {
                    policy.rowLock(situation, access)
                            .ifPresent(row -> assertThat(policy.tableLock(situation, access))
                                    .as("%s %s %s", policy, situation, access)
                                    .hasValueSatisfying(table -> assertThat(table.covers(row.intention()))
                                            .isTrue()));
                }
            }
        });
    }

    @Test
    void everySituationIsFoundUnderItsOwnName() {
        everySituation()
                .forEach(situation -> assertThat(situation)
                        .isEqualTo(new Situation(situation.kind(), situation.isolation(), situation.mode())));
        assertThat(everySituation().distinct().count())
                .isEqualTo((long) StatementKind.values().length
                        * Isolation.values().length
                        * Situation.Mode.values().length);
    }

    private static Situation committed(StatementKind kind) {
        return Situation.of(kind, READ_COMMITTED, TRANSACTION);
    }

    private static Stream<Situation> everySituation() {
        return Stream.of(StatementKind.values())
                .flatMap(kind -> Stream.of(Isolation.values())
                        .flatMap(isolation ->
                                Stream.of(Situation.Mode.values()).map(mode -> Situation.of(kind, isolation, mode))));
    }

    private static String locks(LockPolicy policy, Situation situation, TableAccess access) {
        return "table "
                + policy.tableLock(situation, access).map(LockMode::name).orElse("-") + ", rows "
                + policy.rowLock(situation, access).map(LockMode::name).orElse("-");
    }
}
