package io.mortise.driver.side;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.driver.side.Calls.Call;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each call of a group is made on plain H2 and here, on a database of its own: the answer is the same, an error with
 * its words too. The table in docs/differences-from-h2.md has a line a group, with its number of calls.
 */
@Timeout(120)
final class GroupsSideBySideTest {
    /** Numbers of objects for H2's trace, and what passwords are salted with. */
    private static final Pattern ACCIDENTS =
            Pattern.compile("\\b(sp|rs|stat|prep|clob|blob)\\d+|(?<=SALT|HASH) '[0-9a-f]+'");

    @ParameterizedTest
    @CsvSource({
        "setters, 380",
        "setObject, 300",
        "updaters, 380",
        "rows, 12",
        "callable, 40",
        "lobs, 42",
        "batches, 8",
        "savepoints, 8",
        "files, 7",
        "linked tables, 8",
        "triggers, 40",
        "escapes, 14",
        "cancel, 67",
        "rights, 33"
    })
    void everyCallIsAnsweredAsByPlainH2(String group, int calls) throws Exception {
        Map<String, Call> all = Calls.of(group);

        assertThat(all).hasSize(calls);
        Map<String, String> here = answers("jdbc:mortise:mem:", all);
        Map<String, String> plain = answers("jdbc:h2:mem:", all);
        all.keySet().stream()
                .filter(call -> of(here, call).equals(of(plain, call)))
                .forEach(call -> {
                    here.remove(call);
                    plain.remove(call);
                });
        assertThat(here).isEqualTo(plain);
    }

    private static String of(Map<String, String> answers, String call) {
        return Objects.requireNonNull(answers.get(call), call);
    }

    private static Map<String, String> answers(String url, Map<String, Call> calls) throws SQLException {
        Map<String, String> answers = new TreeMap<>();
        String name = UUID.randomUUID().toString().replace("-", "");
        try (Connection connection = DriverManager.getConnection(url + name, "sa", "")) {
            calls.forEach((call, way) -> answers.put(
                    call,
                    ACCIDENTS
                            .matcher(answer(connection, way).replace(name, "DATABASE"))
                            .replaceAll("#")));
        }
        return answers;
    }

    private static String answer(Connection connection, Call call) {
        try {
            return call.on(connection);
        } catch (SQLException e) {
            return e.getSQLState() + " " + e.getErrorCode() + " " + e.getMessage();
        } catch (Exception e) {
            return e.toString();
        }
    }
}
