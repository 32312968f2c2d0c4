package io.mortise.watch.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The page is switched on, asked for, and switched off again: afterwards the process has no more than before. */
@Timeout(600)
final class OnAndOffTest {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

    @Test
    void givesBackWhatItTakes() throws Exception {
        repeat(50);
    }

    @Tag("nightly")
    @Test
    void aThousandTimesToo() throws Exception {
        repeat(1000);
    }

    private static void repeat(int rounds) throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:mortise:mem:" + UUID.randomUUID(), "sa", "");
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < 3; i++) {
                onAndOff(statement);
            }
            Map<String, Long> before = taken();

            for (int i = 0; i < rounds; i++) {
                onAndOff(statement);
            }

            long began = System.nanoTime();
            while (!moreThan(before).isEmpty() && System.nanoTime() - began < PATIENCE_NANOS) {
                Thread.onSpinWait();
            }
            assertThat(moreThan(before)).isEmpty();
        }
    }

    private static void onAndOff(Statement statement) throws Exception {
        statement.execute("SET PARAMETER WATCH = 'http:0'");
        try (Socket socket = new Socket("localhost", port(statement))) {
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.UTF_8));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            // On a machine that has no time for it the page cuts a request off that is older than 10 s.
            assertThat(answer).matches("(?s)|HTTP/1.1 200.*");
        }
        statement.execute("SET PARAMETER WATCH = ''");
    }

    private static int port(Statement statement) throws SQLException {
        try (ResultSet row =
                statement.executeQuery("SELECT SETTING FROM SYS.PARAMETERS WHERE UPPER(PARAMETER) = 'WATCH'")) {
            row.next();
            String address = row.getString(1);
            return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        }
    }

    /** Threads by name, and open files, sockets among them. Those of the engine end by themselves. */
    private static Map<String, Long> taken() {
        Map<String, Long> counts = new TreeMap<>();
        Thread.getAllStackTraces().keySet().stream()
                .map(thread -> thread.getName().replaceAll("[0-9]+", "#"))
                .filter(name -> !name.matches("mortise-(alarm|wait-ticker|log)"))
                .forEach(name -> counts.merge(name, 1L, Long::sum));
        String[] files = new File("/proc/self/fd").list();
        counts.put("open files", files == null ? 0L : files.length);
        return counts;
    }

    private static Map<String, Long> moreThan(Map<String, Long> before) {
        Map<String, Long> more = taken();
        more.keySet().removeIf(name -> more.getOrDefault(name, 0L) <= before.getOrDefault(name, 0L));
        return more;
    }
}
