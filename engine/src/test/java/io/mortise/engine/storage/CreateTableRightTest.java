package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class CreateTableRightTest {
    private final Scene scene = Scene.inMemory();
    private Scene.Actor admin;
    private Scene.Actor bob;

    @BeforeEach
    void bobHasASchema() throws Exception {
        admin = scene.actor();
        admin.runs("CREATE USER BOB PASSWORD 'b'");
        admin.runs("CREATE SCHEMA HOME AUTHORIZATION BOB");
        admin.runs("CREATE TABLE SECRET(ID INT)");
        bob = scene.actor("BOB", "b");
        bob.runs("SET SCHEMA HOME");
    }

    @AfterEach
    void bobIsNoAdministrator() throws Exception {
        assertThatThrownBy(() -> bob.runs("CREATE USER EVE PASSWORD 'e'")).satisfies(e -> code(e, 90040));
        scene.close();
    }

    private static void code(Throwable error, int code) {
        assertThat(((SQLException) error).getErrorCode()).isEqualTo(code);
    }

    @Test
    void tablesInTheOwnSchemaAreMadeAlteredAndFilled() throws Exception {
        bob.runs("CREATE TABLE T(ID INT PRIMARY KEY)");
        bob.runs("CREATE TABLE IF NOT EXISTS T(ID INT PRIMARY KEY)");
        bob.runs("INSERT INTO T VALUES (1)");
        bob.runs("CREATE TABLE U AS SELECT * FROM T");
        bob.runs("ALTER TABLE T ADD COLUMN NAME VARCHAR DEFAULT 'x'");

        assertThat(bob.reads("SELECT NAME FROM T JOIN U ON T.ID = U.ID")).isEqualTo("x");
    }

    @Test
    void localTemporaryTablesAreMadeAnywhere() throws Exception {
        bob.runs("CREATE LOCAL TEMPORARY TABLE PUBLIC.L(ID INT)");
        bob.runs("CREATE LOCAL TEMPORARY TABLE M AS SELECT 7 AS ID");

        assertThat(bob.reads("SELECT ID FROM M")).isEqualTo(7);
    }

    @Test
    void anothersSchemaIsRefusedAsInPlainH2() {
        assertThatThrownBy(() -> bob.runs("CREATE TABLE PUBLIC.T(ID INT)")).satisfies(e -> code(e, 90096));
    }

    @Test
    void whatIsForbiddenStaysForbiddenInsideTheStatement() {
        assertThatThrownBy(() -> bob.runs("CREATE TABLE T AS SELECT * FROM PUBLIC.SECRET"))
                .satisfies(e -> code(e, 90096));
        assertThatThrownBy(() -> bob.runs("CREATE LOCAL TEMPORARY TABLE T AS SELECT FILE_READ('/etc/hosts')"))
                .satisfies(e -> code(e, 90040));
        assertThatThrownBy(() -> bob.runs("CREATE TABLE T(ID INT) ENGINE \"com.acme.Engine\""))
                .satisfies(e -> code(e, 90040));
    }
}
