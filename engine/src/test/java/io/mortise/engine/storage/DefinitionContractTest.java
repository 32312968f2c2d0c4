package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.mortise.engine.storage.definition.Definitions;
import io.mortise.engine.storage.h2.H2Reflection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.h2.api.ErrorCode;
import org.h2.command.Command;
import org.h2.command.Parser;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.table.Table;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the engine takes for granted about how H2 keeps a definition that it has read. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class DefinitionContractTest {
    private final Scene scene = Scene.inMemory();
    private SessionLocal h2;

    @BeforeEach
    void tables() throws Exception {
        Scene.Actor actor = scene.actor();
        h2 = actor.session.h2();
        actor.runs("CREATE TABLE T(ID INT PRIMARY KEY, V INT)");
        actor.runs("CREATE TABLE U(ID INT PRIMARY KEY)");
        actor.runs("CREATE INDEX I ON T(V)");
        actor.runs("CREATE LOCAL TEMPORARY TABLE L(ID INT)");
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private List<String> tablesOf(String sql) {
        return Definitions.tables(h2, new Parser(h2).prepare(sql)).stream()
                .map(Table::getName)
                .toList();
    }

    @Test
    void aDefinitionNamesTheTablesThatItLocks() {
        assertThat(tablesOf("ALTER TABLE T ADD COLUMN C INT")).containsExactly("T");
        assertThat(tablesOf("ALTER TABLE T RENAME TO W")).containsExactly("T");
        assertThat(tablesOf("CREATE INDEX J ON T(V)")).containsExactly("T");
        assertThat(tablesOf("DROP INDEX I")).containsExactly("T");
        assertThat(tablesOf("DROP TABLE IF EXISTS U, T, NONE")).containsExactly("T", "U");
        assertThat(tablesOf("CREATE TABLE NEW(ID INT)")).isEmpty();
    }

    @Test
    void localTemporaryTablesAreNoBusinessOfTheCatalogue() {
        assertThat(isPrivate("CREATE LOCAL TEMPORARY TABLE M(ID INT)")).isTrue();
        assertThat(isPrivate("DROP TABLE L")).isTrue();
        assertThat(isPrivate("CREATE GLOBAL TEMPORARY TABLE G(ID INT)")).isFalse();
        assertThat(isPrivate("DROP TABLE L, T")).isFalse();
    }

    private boolean isPrivate(String sql) {
        return Definitions.isPrivate(h2, new Parser(h2).prepare(sql));
    }

    @Test
    void aSetOfTheSessionAloneWritesNothing() {
        for (String sql : List.of("SET LOCK_TIMEOUT 1", "SET SCHEMA PUBLIC", "SET @A = 1", "SET QUERY_TIMEOUT 5")) {
            assertThat(writes(sql)).as(sql).isFalse();
        }
        for (String sql : List.of("SET WRITE_DELAY 1", "SET MODE Oracle", "SET DB_CLOSE_DELAY 1", "ANALYZE")) {
            assertThat(writes(sql)).as(sql).isTrue();
        }
    }

    private boolean writes(String sql) {
        return Definitions.writesSetting(new Parser(h2).prepare(sql));
    }

    @Test
    void whatIsRefusedFailsOnceAndThenRuns() {
        Command command = h2.prepareLocal("CREATE TABLE N(ID INT)");
        Definitions.refuse(H2Reflection.container(command), DbException.get(ErrorCode.LOCK_TIMEOUT_1, "N"));

        assertThatThrownBy(() -> command.executeUpdate(null))
                .isInstanceOfSatisfying(
                        DbException.class, e -> assertThat(e.getErrorCode()).isEqualTo(ErrorCode.LOCK_TIMEOUT_1));
        assertThat(h2.getDatabase().getMainSchema().findTableOrView(h2, "N")).isNull();

        command.executeUpdate(null);
        assertThat(h2.getDatabase().getMainSchema().findTableOrView(h2, "N")).isNotNull();
    }
}
