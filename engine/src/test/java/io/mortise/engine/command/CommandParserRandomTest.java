package io.mortise.engine.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.command.CommandParser.Marks;
import io.mortise.engine.text.Letters;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Random texts; rerun one with {@code -Dseed=}. */
class CommandParserRandomTest {
    private static final CommandParser PARSER = new CommandParser(new Marks("/*share*/", "/*key*/", "/*low*/"));
    private static final int TEXTS = 20_000;

    /** Every one a statement that H2 understands as it is, with something in it that looks like ours. */
    private static final List<String> H2S = List.of(
            "SELECT 1",
            "select 'CURRENT_SESSION', 'it''s ; LOCK SYSTEM'",
            "SELECT \"a\"\"; LOCK SYSTEM\" FROM (SELECT 1 AS \"a\"\"; LOCK SYSTEM\")",
            "SELECT $$;'LOCK TABLE T IN SHARE MODE$$",
            "VALUES (1, N'KILL QUERY', U&'\\0041;')",
            "SELECT ARRAY[1, 2][1], ARRAY['];'][1]",
            "SELECT SUBSTRING('SHARE' FROM 1 FOR 2)",
            "WITH X(SHARE) AS (SELECT 1) SELECT SHARE FROM X",
            "INSERT INTO T(A, B) VALUES(1, 'FOR SHARE'), (2e-1, X'4c4f434b')",
            "UPDATE T SET B = 'WAIT LOW PRIORITY' WHERE A = ?1 AND B > ?2",
            "DELETE FROM T WHERE B = '/*' OR B = '--' OR B = '*/'",
            "MERGE INTO T KEY(A) VALUES(1, '')",
            "(SELECT A FROM T) UNION (SELECT 0x1F)",
            "EXPLAIN SELECT * FROM T FOR UPDATE",
            "EXPLAIN ANALYZE SELECT 1",
            "SET @CURRENT = 1",
            "SET LOCK_TIMEOUT 1000",
            "CREATE TABLE IF NOT EXISTS PRIORITY(LOW INT, SHARE INT DEFAULT 1)",
            "ALTER TABLE T ALTER COLUMN A SET DEFAULT 3",
            "COMMENT ON TABLE T IS 'LOCK SYSTEM; -- '",
            "TRUNCATE TABLE T",
            "CALL 1 / 2",
            "SHOW TABLES",
            "TABLE T",
            "SELECT A$$B, _C FROM (SELECT 1 AS A$$B, 2 AS _C)",
            "COMMIT",
            "SELECT 1 WHERE 1 <> ALL(SELECT A FROM T) -- ; LOCK SYSTEM",
            "SELECT /* a /* nested ; */ LOCK SYSTEM; */ 1 // and the rest ; LOCK SYSTEM");

    private static final List<String> BETWEEN =
            List.of(";", " ; ", ";\n", ";;", "\n;\n-- LOCK SYSTEM\n", "\n;/* KILL QUERY */", "\n;\t");

    private static final List<String> SCRAPS = List.of(
            "SELECT",
            "LOCK",
            "TABLE",
            "SYSTEM",
            "IN",
            "SHARE",
            "EXCLUSIVE",
            "MODE",
            "FOR",
            "FOR SHARE",
            "WAIT",
            "LOW",
            "PRIORITY",
            "KILL",
            "QUERY",
            "WHERE",
            "CURRENT_SESSION",
            "SHOW_LOCKS()",
            "SET",
            "PARAMETER",
            "EXPLAIN",
            "DISCONNECT",
            "CONNECT",
            "GRANT",
            "LOCK_SYSTEM",
            "user",
            "T",
            "\"q\"",
            "'s'",
            "'",
            "\"",
            "`",
            "$$",
            "$1",
            "?",
            "/*",
            "*/",
            "--",
            "//",
            "\n",
            ";",
            "(",
            ")",
            "[",
            "]",
            ".",
            ",",
            "=",
            "1",
            "1.5",
            "-",
            "AS",
            "WITH",
            "CREATE",
            "ALTER",
            "DROP",
            "TRUNCATE",
            "INSERT",
            "\u00e4",
            "\ud83d\ude00",
            "\u00a0",
            "\u0131",
            "\u017f",
            "");

    private final long seed = Long.getLong("seed", 1);
    private final Random random = new Random(seed);

    @Test
    void everyTextOfTheCollectionIsH2s() throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:")) {
            connection.createStatement().execute("CREATE TABLE T(A INT PRIMARY KEY, B VARCHAR)");
            for (String sql : H2S) {
                connection.prepareStatement(sql).close();
            }
        }
    }

    @Test
    void whatIsH2sComesThroughByteForByte() throws SQLException {
        for (int i = 0; i < TEXTS; i++) {
            String text = batch();
            assertThat(PARSER.read(text)).as("-Dseed=%d: %s", seed, text).isSameAs(Script.STORAGES_OWN);
        }
    }

    @Test
    void whatStandsBesideACommandComesThroughByteForByte() throws SQLException {
        for (int i = 0; i < TEXTS; i++) {
            String before = batch() + "\n;";
            String after = "\n" + batch();
            Script script = PARSER.read(before + "LOCK SYSTEM;" + after);
            assertThat(script.textFor(""))
                    .as("-Dseed=%d: %s LOCK SYSTEM; %s", seed, before, after)
                    .isEqualTo(before + new Command.LockSystem().sql() + ";" + after);
        }
    }

    /** The quick look must agree with the tokens wherever it says that a text is H2's. */
    @Test
    void noTextIsTakenForH2sAtAGlanceThatIsNot() {
        int quick = 0;
        for (int i = 0; i < 5 * TEXTS; i++) {
            String text = scraps();
            if (CommandParser.isStorages(text)) {
                quick++;
                assertThat(readWhole(text)).as("-Dseed=%d: %s", seed, text).isEqualTo("storage's");
            }
        }
        assertThat(quick).as("-Dseed=%d", seed).isPositive();
    }

    /** Whatever the text, reading it ends, and ends in a script or a syntax error. */
    @Test
    void noTextBreaksTheReader() {
        for (int i = 0; i < TEXTS; i++) {
            String text = scraps();
            assertThat(readWhole(text)).as("-Dseed=%d: %s", seed, text).isNotEmpty();
        }
    }

    @Test
    void aWordIsFoundWhereverItStands() {
        Needle needle = new Needle("SHARE");
        for (int i = 0; i < TEXTS; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(30); length > 0; length--) {
                text.append("SHAREshare \u0131\u017f".charAt(random.nextInt(13)));
            }
            text.insert(random.nextInt(text.length() + 1), random.nextBoolean() ? "sHaRe" : "");
            assertThat(needle.isIn(text.toString(), 0))
                    .as("-Dseed=%d: %s", seed, text)
                    .isEqualTo(plainSearch(text.toString()));
        }
    }

    private static boolean plainSearch(String text) {
        for (int i = 0; i + 5 <= text.length(); i++) {
            if (Letters.spell(text, i, i + 5, "SHARE")) {
                return true;
            }
        }
        return false;
    }

    /** As the parser would without its quick look: a blank comment in front makes it read all tokens. */
    private static String readWhole(String text) {
        try {
            Script script = PARSER.read("/**/" + text);
            return script.isStoragesOwn() ? "storage's" : script.commands() + script.textFor("");
        } catch (SQLException error) {
            assertThat(error.getSQLState()).isEqualTo("42000");
            return "error";
        }
    }

    private String batch() {
        StringBuilder text = new StringBuilder(random.nextInt(4) == 0 ? "/* ; */ " : "");
        for (int statements = 1 + random.nextInt(4); statements > 0; statements--) {
            text.append(pick(H2S)).append(statements > 1 ? "\n" + pick(BETWEEN) : "");
        }
        return text.toString();
    }

    private String scraps() {
        StringBuilder text = new StringBuilder();
        for (int words = random.nextInt(12); words > 0; words--) {
            text.append(pick(SCRAPS)).append(random.nextInt(4) == 0 ? "" : " ");
        }
        return text.toString();
    }

    private String pick(List<String> from) {
        return from.get(random.nextInt(from.size()));
    }
}
