package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.sql.CallableStatement;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Null in the place of an SQL text, by every method that takes one, on an open and on a closed object: as H2 says it.
 */
@Timeout(120)
final class NullTextTest {
    private static final int[] OF_RESULTS = {
        ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY, ResultSet.HOLD_CURSORS_OVER_COMMIT
    };

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isAnsweredAsH2AnswersIt(boolean isClosed) throws Exception {
        List<String> plain = play("jdbc:h2:mem:", isClosed);

        assertThat(plain).hasSizeGreaterThan(25);
        assertThat(play("jdbc:mortise:mem:", isClosed)).containsExactlyElementsOf(plain);
    }

    private static List<String> play(String url, boolean isClosed) throws Exception {
        try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
            List<String> said = new ArrayList<>();
            said.addAll(calls(connection.createStatement(), Statement.class, isClosed));
            said.addAll(calls(connection.prepareStatement("SELECT 1"), PreparedStatement.class, isClosed));
            said.addAll(calls(connection.prepareCall("CALL 1"), CallableStatement.class, isClosed));
            said.addAll(calls(connection, Connection.class, isClosed));
            return said;
        }
    }

    private static List<String> calls(AutoCloseable object, Class<?> type, boolean isClosed) throws Exception {
        if (isClosed) {
            object.close();
        }
        List<String> said = new ArrayList<>();
        for (Method method : takersOfTexts(type)) {
            Class<?>[] types = method.getParameterTypes();
            Object[] values = new Object[types.length];
            for (int i = 1; i < types.length; i++) {
                values[i] = value(types[i], i);
            }
            said.add(method + ": " + answer(object, method, values));
        }
        return said;
    }

    private static List<Method> takersOfTexts(Class<?> type) {
        return Arrays.stream(type.getMethods())
                .filter(method -> method.getName().matches("execute.*|addBatch|prepare.*|nativeSQL"))
                .filter(method -> method.getParameterCount() > 0)
                .sorted(Comparator.comparing(Method::toString))
                .toList();
    }

    private static Object value(Class<?> type, int place) {
        if (type == int[].class) {
            return new int[] {1};
        }
        return type == String[].class ? new String[] {"ID"} : OF_RESULTS[place - 1];
    }

    private static String answer(Object object, Method method, Object[] values) throws Exception {
        try {
            return String.valueOf(method.invoke(object, values));
        } catch (InvocationTargetException e) {
            return e.getCause() instanceof SQLException refused
                    ? refused.getSQLState() + " " + refused.getErrorCode()
                    : String.valueOf(e.getCause());
        }
    }
}
