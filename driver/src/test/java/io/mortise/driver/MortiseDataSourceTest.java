package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.mortise.engine.setting.Setting;
import java.lang.reflect.Method;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import javax.sql.ConnectionEvent;
import javax.sql.ConnectionEventListener;
import javax.sql.XAConnection;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
final class MortiseDataSourceTest extends SingleFlight {
    private MortiseDataSource dataSource() throws SQLException {
        MortiseDataSource dataSource = new MortiseDataSource();
        dataSource.setUrl(keeper.getMetaData().getURL());
        return dataSource;
    }

    @ParameterizedTest
    @MethodSource("io.mortise.engine.setting.Setting#all")
    void everySettingHasASetter(Setting<?> setting) {
        Set<String> setters = Arrays.stream(MortiseDataSource.class.getMethods())
                .map(Method::getName)
                .collect(Collectors.toSet());

        assertThat(setters)
                .anySatisfy(name -> assertThat(name)
                        .isEqualToIgnoringCase("set" + setting.name().replace("_", "")));
    }

    @Test
    void settingsArriveAndBadOnesAreRefused() throws Exception {
        MortiseDataSource dataSource = dataSource();
        dataSource.setReadOnly(true);
        dataSource.setApplicationName("test");
        try (Connection connection = dataSource.getConnection()) {
            assertThat(connection.isReadOnly()).isTrue();
            assertThat(connection.getClientInfo("ApplicationName")).isEqualTo("test");
        }
        dataSource.setSessionBusy("never");
        assertThatThrownBy(dataSource::getConnection).hasMessageStartingWith("SESSION_BUSY=never is not one of");
    }

    @Test
    void hikariMakesOneByClassNameAndProperties() throws Exception {
        HikariConfig config = new HikariConfig();
        config.setDataSourceClassName(MortiseDataSource.class.getName());
        config.addDataSourceProperty("url", keeper.getMetaData().getURL());
        config.addDataSourceProperty("sessionBusy", "WAIT");
        config.addDataSourceProperty("lockTimeout", 5);
        try (HikariDataSource pool = new HikariDataSource(config);
                Connection connection = pool.getConnection()) {
            assertThat(execute(connection, "SELECT 1")).isTrue();
        }
    }

    @Test
    void aNamingServiceGivesTheSameBack() throws Exception {
        MortiseDataSource dataSource = dataSource();
        dataSource.setUser("SA");
        dataSource.setLockTimeout(7);

        Object again = new MortiseDataSourceFactory().getObjectInstance(dataSource.getReference(), null, null, null);

        assertThat(again).isInstanceOfSatisfying(MortiseDataSource.class, copy -> {
            assertThat(copy.getUrl()).isEqualTo(dataSource.getUrl());
            assertThat(copy.getUser()).isEqualTo("SA");
            assertThat(copy.settings()).containsEntry(Setting.LOCK_TIMEOUT, "7");
        });
    }

    @Test
    void aPooledConnectionTellsWhenItIsGivenBack() throws Exception {
        AtomicInteger closed = new AtomicInteger();
        XAConnection pooled = dataSource().getXAConnection();
        pooled.addConnectionEventListener(new ConnectionEventListener() {
            @Override
            public void connectionClosed(ConnectionEvent event) {
                closed.incrementAndGet();
            }

            @Override
            public void connectionErrorOccurred(ConnectionEvent event) {}
        });
        Connection handle = pooled.getConnection();
        handle.setAutoCommit(false);
        execute(handle, "UPDATE T SET V = 1");
        handle.close();

        assertThat(closed).hasValue(1);
        assertThat(handle.isClosed()).isTrue();
        assertThat(sum()).isZero();
        try (Connection again = pooled.getConnection()) {
            assertThat(again.getAutoCommit()).isTrue();
        }
        pooled.close();
    }

    /** A branch's id. */
    private record Id(byte[] getGlobalTransactionId, byte[] getBranchQualifier) implements Xid {
        @Override
        public int getFormatId() {
            return 7;
        }
    }

    @Test
    void aBranchIsPreparedAndCommittedOrRolledBack() throws Exception {
        XAConnection connection = dataSource().getXAConnection();
        XAResource resource = connection.getXAResource();
        for (int i = 1; i <= 2; i++) {
            Xid xid = new Id(new byte[] {(byte) i}, new byte[] {2});
            resource.start(xid, XAResource.TMNOFLAGS);
            try (Connection handle = connection.getConnection()) {
                execute(handle, "UPDATE T SET V = V + 1 WHERE ID = 1");
            }
            resource.end(xid, XAResource.TMSUCCESS);
            assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
            if (i == 1) {
                resource.commit(xid, false);
            } else {
                resource.rollback(xid);
            }
        }
        connection.close();

        assertThat(sum()).isEqualTo(1);
    }
}
