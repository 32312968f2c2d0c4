package io.mortise.engine.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SecretsTest {
    /** Every one holds the password pw-1 or pw-2, or both. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE USER BOB PASSWORD 'pw-1'",
                "create user if not exists bob comment 'x' password 'pw-1' admin",
                "CREATE/**/USER/* pw-2 */BOB PASSWORD/* 'pw-2' */\n\r\n'pw-1' -- pw-2",
                "CREATE USER BOB PASSWORD $$pw-1$$",
                "CREATE USER BOB PASSWORD $$pw-1",
                "CREATE USER BOB PASSWORD U&'pw-1' UESCAPE '!'",
                "CREATE USER BOB PASSWORD X'pw-1'",
                "CREATE USER BOB PASSWORD 'it''s pw-1'",
                "CREATE USER BOB PASSWORD 'pw-1",
                "CREATE USER BOB PASSWORD 'pw-' || 'pw-1'",
                "CREATE USER BOB PASSWORD CONCAT('a', UPPER('pw-1'))",
                "CREATE USER BOB SALT 'pw-1' HASH 'pw-2'",
                "ALTER USER BOB SET PASSWORD 'pw-1'",
                "ALTER USER BOB SET SALT 'pw-1' HASH 'pw-2'",
                "SET PASSWORD 'pw-1'",
                "SET PASSWORD = 'pw-1'",
                "SET PASSWORD STRINGDECODE('pw-1')",
                "SELECT 1; SET PASSWORD 'pw-1'; SELECT 2",
                "CONNECT BOB 'pw-1'",
                "connect \"Bob\" \"pw-1\"",
                "CONNECT BOB pw-1",
                "CONNECT BOB $$pw-1$$",
                "RUNSCRIPT FROM 'f' COMPRESSION GZIP CIPHER AES PASSWORD 'pw-1' CHARSET 'UTF-8'",
                "SCRIPT TO 'f' CIPHER AES PASSWORD 'pw-1'",
                "BACKUP TO 'f' PASSWORD 'pw-1'",
                "CREATE LINKED TABLE T('org.h2.Driver', 'jdbc:h2:mem:x', 'sa', 'pw-1', 'T')",
                "CREATE FORCE LOCAL TEMPORARY LINKED TABLE IF NOT EXISTS T(NULL, 'jdbc:h2:mem:x', 'sa', 'pw-1', 'T')",
                "CALL LINK_SCHEMA('L', '', 'jdbc:h2:mem:x', 'sa', 'pw-1', 'PUBLIC')",
                "CALL ENCRYPT('AES', 'pw-1', 'x')",
                "SELECT UTF8TOSTRING(DECRYPT ('AES', 'pw-1', X'00'))",
                "UPDATE PEOPLE SET PASSWORD = 'pw-1' WHERE ID = 1",
                "UPDATE PEOPLE SET PASSWORD = N'pw-1'",
                "EXECUTE IMMEDIATE 'CREATE USER BOB PASSWORD ''pw-1'''",
                "EXECUTE IMMEDIATE 'EXECUTE IMMEDIATE ''SET PASSWORD ''''pw-1'''' '''",
                "EXECUTE IMMEDIATE $$SET PASSWORD 'pw-1'$$",
                "SELECT * FROM SYS.EXPLAIN_LOCKS('ALTER USER BOB SET PASSWORD ''pw-1''')",
                "CALL CSVWRITE('jdbc:h2:mem:x;PASSWORD=pw-1;USER=sa', 'SELECT 1')",
                "EXPLAIN LOCKS ALTER USER BOB SET PASSWORD 'pw-1'",
            })
    void noPasswordIsLeft(String sql) {
        assertThat(Secrets.masked(sql)).doesNotContain("pw-", "w-1", "w-2").contains("***");
        assertThat(Secrets.areIn(sql)).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', textBlock = """
                    CREATE USER BOB PASSWORD 'a' ADMIN       | CREATE USER BOB PASSWORD '***' ADMIN
                    ALTER USER B SET PASSWORD 'a'; SELECT 'b' | ALTER USER B SET PASSWORD '***'; SELECT 'b'
                    CONNECT BOB 'a'                          | CONNECT BOB '***'
                    UPDATE P SET PASSWORD='a' WHERE ID=7     | UPDATE P SET PASSWORD='***' WHERE ID=7
                    SELECT 'u;PASSWORD=a;X=1'                | SELECT 'u;PASSWORD='''***''';X=1'
                    """)
    void whatIsNoSecretStays(String sql, String masked) {
        assertThat(Secrets.masked(sql)).isEqualTo(masked.replace("'''***'''", "''***''"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT * FROM T WHERE ID = 42",
                "SELECT PASSWORD FROM PEOPLE WHERE ID = 42",
                "INSERT INTO LINKS VALUES('connect', 'salt', 1)",
                "SELECT ID FROM T START WITH ID = 1 CONNECT BY PRIOR ID = 2",
                "CREATE VIEW V AS SELECT USER, 'x' AS PASSWORD FROM T",
                "ALTER USER BOB RENAME TO SALT",
                "",
                "'",
                "$$",
                ";;",
            })
    void aStatementWithoutAnyIsTheVerySameObject(String sql) {
        assertThat(Secrets.masked(sql)).isSameAs(sql);
        assertThat(Secrets.masked(sql)).isSameAs(sql);
    }

    @Test
    void valuesOfParametersAreSecretToo() {
        assertThat(Secrets.areIn("ALTER USER BOB SET PASSWORD ?")).isTrue();
        assertThat(Secrets.areIn("UPDATE PEOPLE SET PASSWORD = ?")).isTrue();
        assertThat(Secrets.areIn("SELECT * FROM T WHERE ID = ?")).isFalse();
    }

    @Test
    void anErrorOfH2sThatQuotesTheStatementIsMaskedInBothPlaces() {
        String message =
                "Syntax error in SQL statement \"CREATE USER \"\"B\"\" PASSWORD 'pw-1' [*]FOO\"; expected \"x\";"
                        + " SQL statement:\nCREATE USER \"B\" PASSWORD 'pw-1' FOO [42001-252]";

        assertThat(Secrets.maskedMessage(message))
                .isEqualTo(
                        "Syntax error in SQL statement \"CREATE USER \"\"B\"\" PASSWORD '***' [*]FOO\"; expected \"x\";"
                                + " SQL statement:\nCREATE USER \"B\" PASSWORD '***' FOO [42001-252]");
    }

    /** Each string in a string is read once a level, and each level doubles its quotes: so there are few of them. */
    @Test
    void aLongTextIsReadInProportionToItsLength() {
        String sql = "SELECT '" + "''PASSWORD''".repeat(100_000) + "', \"" + "PASSWORD x ".repeat(100_000) + "\"";

        assertThat(Secrets.masked(sql)).hasSizeGreaterThan(1_000_000);
    }

    /** {@code Aa}, {@code BB} and what they begin have one hash. */
    @Test
    void textsOfOneHashAreEachTheirOwn() {
        for (int turn = 0; turn < 3; turn++) {
            for (String value : new String[] {"AaAa", "BBBB", "AaBB", "BBAa"}) {
                String clean = "SELECT '" + value + "'";
                assertThat(Secrets.masked(clean)).isSameAs(clean);
                assertThat(Secrets.masked("SET PASSWORD '" + value + "'")).isEqualTo("SET PASSWORD '***'");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pPASSWORD 'x'",
                "PASSPASSWORD 'x'",
                "-- \u0150\u0153PassworD 'x'",
                "SELECT 1 FROM PASSWORDS, P WHERE PASSWORD = 'x'"
            })
    void theWordIsFoundWhereverItBegins(String sql) {
        assertThat(Secrets.areIn("SET PASSWORD 'x';" + sql)).isTrue();
        assertThat(Letters.contain(sql, List.of("SALT", "PASSWORD"))).isTrue();
        assertThat(Letters.contain(
                        sql.substring(0, sql.toUpperCase(Locale.ROOT).lastIndexOf("PASSWORD") + 7),
                        List.of("QSALT", "XPASSWORD")))
                .isFalse();
    }
}
