package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.driver.EveryMethodTest.Case;
import io.mortise.driver.ends.SilentProxy;
import java.lang.reflect.InvocationTargetException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The server says nothing any more, and every method of every object is called: the network timeout ends each of them
 * that needs an answer, with an error that says that the connection is gone.
 */
@Timeout(240)
final class EveryCallComesBackTest {
    /** H2 has room for 255 transactions, and every one of these is in one. */
    private static final int AT_ONCE = 100;

    private static final int TIMEOUT_MILLIS = 50;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final SilentProxy proxy = new SilentProxy();
    private final String name = "mem:" + UUID.randomUUID();

    @SuppressWarnings("NullAway.Init")
    private Connection keeper;

    private record Call(Case method, Connection connection, Object subject) {
        /** What is wrong with it, or nothing. */
        String outcome() throws Exception {
            Object[] arguments = Arrays.stream(method.method().getParameterTypes())
                    .map(EveryMethodTest::argument)
                    .toArray();
            try {
                method.method().invoke(subject, arguments);
                return "";
            } catch (InvocationTargetException e) {
                boolean isSaid = e.getCause() instanceof SQLException error
                        && (!connection.isClosed() || List.of("08006", "08007").contains(error.getSQLState()));
                return isSaid ? "" : method + ": " + e.getCause();
            }
        }
    }

    @BeforeEach
    void serve() throws Exception {
        keeper = DriverManager.getConnection("jdbc:mortise:h2:" + name + ";SERVE=tcp:0", "sa", "");
        try (Statement statement = keeper.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT PRIMARY KEY, NAME VARCHAR, V INT)");
            statement.execute("INSERT INTO T VALUES (1, 'one', 10), (2, 'two', 20)");
            ResultSet address = statement.executeQuery("SELECT SETTING FROM SYS.PARAMETERS WHERE PARAMETER = 'serve'");
            address.next();
            String text = address.getString(1);
            proxy.forward(Integer.parseInt(text.substring(text.lastIndexOf(':') + 1)));
        }
    }

    @AfterEach
    void stop() throws Exception {
        threads.shutdownNow();
        proxy.close();
        keeper.close();
    }

    static Stream<List<Case>> calls() {
        List<Case> all = EveryMethodTest.all().toList();
        return Stream.iterate(0, from -> from < all.size(), from -> from + AT_ONCE)
                .map(from -> all.subList(from, Math.min(from + AT_ONCE, all.size())));
    }

    @ParameterizedTest(name = "[{index}]")
    @MethodSource("calls")
    void withAnAnswerOrWithAnError(List<Case> cases) throws Exception {
        List<Call> calls = new ArrayList<>();
        for (Case method : cases) {
            Connection connection = DriverManager.getConnection(
                    "jdbc:mortise:h2:tcp://localhost:" + proxy.port() + "/" + name, "sa", "");
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement()) {
                statement.execute("SELECT * FROM T");
            }
            calls.add(new Call(method, connection, method.subject().of(connection)));
        }
        for (Call call : calls) {
            call.connection.setNetworkTimeout(Runnable::run, TIMEOUT_MILLIS);
        }
        proxy.fallSilent();

        List<Future<String>> outcomes = new ArrayList<>();
        for (Call call : calls) {
            outcomes.add(threads.submit(call::outcome));
        }

        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            wrong.add(outcome(calls.get(i), outcomes.get(i)));
        }
        assertThat(wrong).allMatch(String::isEmpty);
        for (Call call : calls) {
            call.connection.abort(threads); // A good-bye waits for its answer a while.
        }
    }

    private static String outcome(Call call, Future<String> outcome) throws Exception {
        try {
            return outcome.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return call.method + ": " + e.getCause();
        } catch (TimeoutException e) {
            return call.method + " does not come back";
        }
    }
}
