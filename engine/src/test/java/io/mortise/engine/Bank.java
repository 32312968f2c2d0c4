package io.mortise.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A database with table ACCOUNTS (rows 1 to 3) and sessions in it, each with a thread. A statement ends or is seen to
 * wait.
 */
final class Bank implements AutoCloseable {
    private static final AtomicInteger LAST = new AtomicInteger();

    private final String url = "jdbc:h2:mem:bank" + LAST.incrementAndGet();
    private final Map<Setting<?>, String> settings;
    private final BlockingQueue<LockRow> waits = new LinkedBlockingQueue<>();
    private final List<Client> clients = new ArrayList<>();

    Bank(Map<Setting<?>, String> settings) throws Exception {
        this.settings = settings;
        Client first = client("SA", "");
        first.attachment.session().locks().addListener(new LockListener() {
            @Override
            public void waitStarted(LockRow request) {
                waits.add(request);
            }
        });
        first.runs("CREATE TABLE ACCOUNTS(ID INT PRIMARY KEY, BALANCE INT)");
        first.runs("INSERT INTO ACCOUNTS VALUES (1, 100), (2, 200), (3, 300)");
    }

    /** Connects the administrator, in a transaction. */
    Client client() throws Exception {
        Client client = client("SA", "");
        client.connection().setAutoCommit(false);
        return client;
    }

    Client client(String user, String password) throws SQLException {
        Client client =
                new Client(Engine.connect(new ConnectRequest(url, user, password, Map.of(), Settings.of(settings))));
        clients.add(client);
        return client;
    }

    /** The one that made the table; in autocommit. */
    Client first() {
        return clients.get(0);
    }

    @Override
    public void close() throws Exception {
        for (Client client : clients) {
            client.close();
        }
    }

    /** A session and the thread that runs its statements. */
    final class Client {
        final Attachment attachment;
        private final ExecutorService thread = Executors.newSingleThreadExecutor();

        private Client(Attachment attachment) {
            this.attachment = attachment;
        }

        Connection connection() {
            return attachment.connection();
        }

        int id() {
            return attachment.session().id();
        }

        void runs(String sql) throws Exception {
            finish(begins(sql));
        }

        Future<List<String>> begins(String sql) {
            return thread.submit(() -> run(sql));
        }

        /** The rows of a query, their columns with {@code |} between them. */
        List<String> reads(String sql) throws Exception {
            return finish(begins(sql));
        }

        Future<List<String>> waits(String sql) throws Exception {
            Future<List<String>> statement = begins(sql);
            LockRow request = waits.poll(60, TimeUnit.SECONDS);
            assertThat(request).as("the wait of " + sql).isNotNull();
            return statement;
        }

        private List<String> run(String sql) throws SQLException {
            List<String> rows = new ArrayList<>();
            try (Statement statement = connection().createStatement()) {
                if (statement.execute(sql)) {
                    read(statement.getResultSet(), rows);
                }
            }
            return rows;
        }

        private static void read(ResultSet result, List<String> rows) throws SQLException {
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                StringBuilder row = new StringBuilder();
                for (int i = 1; i <= columns; i++) {
                    row.append(i == 1 ? "" : "|").append(result.getString(i));
                }
                rows.add(row.toString());
            }
        }

        private void close() throws Exception {
            finish(thread.submit(() -> {
                connection().close();
                return List.<String>of();
            }));
            thread.shutdown();
        }
    }

    static <T> T finish(Future<T> statement) throws Exception {
        try {
            return statement.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
