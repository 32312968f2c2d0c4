package io.mortise.driver.jmx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.tools.attach.VirtualMachine;
import io.mortise.engine.jmx.DatabaseMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import javax.management.JMX;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The setting JMX: what is shown, to whom, for how long, and what can be ended. */
@Timeout(120)
final class JmxTest {
    private static final MBeanServerConnection HERE = ManagementFactory.getPlatformMBeanServer();

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static Connection open(String database) throws SQLException {
        return DriverManager.getConnection("jdbc:mortise:" + database, "sa", "");
    }

    private static List<String> shown() throws Exception {
        return HERE.queryNames(new ObjectName("io.mortise:type=Database,*"), null).stream()
                .map(ObjectName::getCanonicalName)
                .sorted()
                .toList();
    }

    private static DatabaseMXBean bean(MBeanServerConnection server, String name) throws Exception {
        return JMX.newMXBeanProxy(server, new ObjectName(name), DatabaseMXBean.class);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        assertThat(shown()).isEmpty();
    }

    @Test
    void aDatabaseIsShownWhileTheSettingIsTrueAndTheDatabaseIsOpen() throws Exception {
        try (Connection connection = open("mem:shop");
                Statement statement = connection.createStatement()) {
            assertThat(shown()).isEmpty();

            statement.execute("SET PARAMETER JMX = 'TRUE'");
            statement.execute("SET PARAMETER JMX = 'TRUE'");
            assertThat(shown()).containsExactly("io.mortise:name=\"SHOP\",type=Database");

            statement.execute("SET PARAMETER JMX = 'FALSE'");
            assertThat(shown()).isEmpty();

            statement.execute("SET PARAMETER JMX = 'TRUE'");
        }
    }

    @Test
    void theFiguresAreThoseOfThisMoment() throws Exception {
        try (Connection connection = open("mem:shop;JMX=TRUE");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(ID INT)");
            connection.setAutoCommit(false);
            statement.execute("INSERT INTO T VALUES (1), (2)");

            assertThat(bean(HERE, "io.mortise:name=\"SHOP\",type=Database").getFigures())
                    .containsEntry("sessions", 1L)
                    .containsEntry("openTransactions", 1L)
                    .containsEntry("uncommittedRows", 2L)
                    .containsEntry("waiting", 0L)
                    .containsEntry("deadlocks", 0L);
            connection.rollback();
        }
    }

    @Test
    void itIsGoneAfterEveryKindOfEnd() throws Exception {
        for (String end : List.of("SHUTDOWN", "SHUTDOWN IMMEDIATELY", "SHUTDOWN DEFRAG")) {
            try (Connection connection = open("file:" + folder.resolve("shop") + ";JMX=TRUE");
                    Statement statement = connection.createStatement()) {
                assertThat(shown()).hasSize(1);
                statement.execute(end);
            }
            assertThat(shown()).as(end).isEmpty();
        }
    }

    @Test
    void whoMayNotComeInLeavesNothing() throws Exception {
        try (Connection connection = open("mem:shop");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE USER BOB PASSWORD 'b'");

            assertThatThrownBy(() -> DriverManager.getConnection("jdbc:mortise:mem:shop;JMX=TRUE", "BOB", "b"))
                    .hasMessageContaining("JMX");
            assertThat(shown()).isEmpty();
        }
    }

    @Test
    void twoDatabasesOfOneNameAreTwoBeans() throws Exception {
        try (Connection second = open("file:" + folder.resolve("b/shop") + ";JMX=TRUE")) {
            try (Connection first = open("file:" + folder.resolve("a/shop") + ";JMX=TRUE")) {
                assertThat(first.isValid(0)).isTrue();
                assertThat(shown()).hasSize(2);
            }
            assertThat(second.isValid(0)).isTrue();
            assertThat(shown()).hasSize(1);
        }
    }

    @Test
    void keysOfRowsAreHiddenUnlessTheyAreAllowedOutside() throws Exception {
        try (Connection holder = open("mem:shop;JMX=TRUE;LOCK_TIMEOUT=1");
                Connection other = open("mem:shop;LOCK_TIMEOUT=1");
                Statement holds = holder.createStatement();
                Statement wants = other.createStatement()) {
            holds.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT) AS VALUES (4700 + 11, 0)");
            holder.setAutoCommit(false);
            holds.execute("UPDATE T SET V = 1");
            holds.execute("SELECT ADVISORY_LOCK('trea' || 'sure')");
            assertThatThrownBy(() -> wants.execute("SELECT ADVISORY_LOCK('trea' || 'sure')"))
                    .hasMessageContaining("treasure");
            assertThatThrownBy(() -> wants.execute("UPDATE T SET V = 2")).hasMessageContaining("4711");
            DatabaseMXBean bean = bean(HERE, shown().get(0));

            assertThat(bean.locks()).contains("SELECT ADVISORY_LOCK", "GRANTED");
            for (String table : bean.getTables()) {
                assertThat(bean.show(table)).as(table).doesNotContain("4711", "treasure");
            }

            holds.execute("SET PARAMETER EVENT_KEYS = 'TRUE'");
            assertThat(bean.locks()).contains("ID=4711", "treasure");
        }
    }

    @Test
    void aSessionIsEndedAndWhatCannotBeDoneIsSaidInWordsOfTheJdk() throws Exception {
        try (Connection holder = open("mem:shop;JMX=TRUE");
                Connection other = open("mem:shop");
                Statement holds = holder.createStatement();
                Statement wants = other.createStatement()) {
            holds.execute("CREATE TABLE T(ID INT PRIMARY KEY, V INT) AS VALUES (1, 0)");
            other.setAutoCommit(false);
            wants.execute("UPDATE T SET V = 1");
            DatabaseMXBean bean = bean(HERE, shown().get(0));
            int number = session(wants);

            assertThatThrownBy(() -> bean.kill(999, "ROLLBACK"))
                    .isExactlyInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("There is no session 999");
            assertThatThrownBy(() -> bean.kill(number, "HARD")).hasMessageContaining("CANCEL, ROLLBACK or DISCONNECT");
            assertThatThrownBy(() -> bean.show("NOWHERE")).hasMessageContaining("There is no table NOWHERE");

            bean.kill(number, "ROLLBACK");
            assertThatThrownBy(() -> wants.execute("SELECT 1"))
                    .hasMessageContaining("Statement aborted. The transaction was rolled back");
            other.rollback();
            assertThat(holds.executeUpdate("UPDATE T SET V = 2")).isEqualTo(1);
        }
    }

    private static int session(Statement statement) throws SQLException {
        try (var result = statement.executeQuery("SELECT SESSION_ID()")) {
            result.next();
            return result.getInt(1);
        }
    }

    @Test
    @SuppressWarnings("BanJNDI") // The address is one of this machine's, from a process that the test has started.
    void anotherProcessThatServesNobodyCanBeLookedAt() throws Exception {
        Process other = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        ShownProgram.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader says =
                new BufferedReader(new InputStreamReader(other.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(says.readLine()).isEqualTo("holds");
            VirtualMachine machine = VirtualMachine.attach(Long.toString(other.pid()));
            String address = machine.startLocalManagementAgent();
            machine.detach();
            try (JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address))) {
                DatabaseMXBean bean =
                        bean(connector.getMBeanServerConnection(), "io.mortise:type=Database,name=\"SHOP\"");

                assertThat(bean.locks())
                        .contains("UPDATE T SET V = 1", "GRANTED")
                        .doesNotContain("4711");
                assertThat(bean.sessions()).contains("IDLE IN TRANSACTION");
                String line = bean.sessions().lines().skip(1).findFirst().orElseThrow();
                bean.kill(Integer.parseInt(line.split("\t", 2)[0]), "DISCONNECT");
            }
            other.getOutputStream().write('\n');
            other.getOutputStream().flush();
            assertThat(says.readLine()).isEqualTo("08006");
        } finally {
            other.destroyForcibly().waitFor();
        }
    }
}
