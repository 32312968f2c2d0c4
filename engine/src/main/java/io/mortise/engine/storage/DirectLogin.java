package io.mortise.engine.storage;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.ref.ReferenceQueue;
import java.lang.reflect.Field;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.h2.Driver;
import org.h2.engine.ConnectionInfo;
import org.h2.engine.SessionLocal;
import org.h2.engine.SysProperties;
import org.h2.jdbc.JdbcConnection;
import org.h2.message.DbException;
import org.h2.message.Trace;
import org.h2.security.SHA256;
import org.h2.util.CloseWatcher;
import org.h2.util.StringUtils;

/**
 * Connects to a database in this process where little is asked for but a user. It does what H2's driver does, without a
 * text to put together and to take apart again. Stateless.
 *
 * <p>H2 watches its connections, to close the session of one that was collected. That is not wanted here: a session of
 * ours holds its connection, and the driver above watches its own. So all of them have one watcher, which sees none.
 */
final class DirectLogin {
    private static final CloseWatcher NOBODY = new CloseWatcher(new Object(), new ReferenceQueue<>(), () -> {});
    private static final MethodHandle WATCHER = watcher();

    static {
        // It registers itself where it is loaded, and an undeployed application has to find it, to take it back. If
        // another application has H2, the JDK loads this one's as late as it lists the drivers.
        Driver.load();
    }

    /**
     * To look one up anew costs more than the hash. It keeps nothing of what it was given, and knows no class of ours.
     */
    private static final ThreadLocal<MessageDigest> DIGEST = ThreadLocal.withInitial(DirectLogin::sha256);

    private DirectLogin() {}

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java has it", impossible);
        }
    }

    /** As {@link SHA256#getKeyPasswordHash} has it. */
    static byte[] hash(String user, String password) {
        byte[] text = new byte[2 * (user.length() + 1 + password.length())];
        int end = put(user, text, 0);
        end = put("@", text, end);
        put(password, text, end);
        byte[] hash = DIGEST.get().digest(text);
        Arrays.fill(text, (byte) 0);
        return hash;
    }

    private static int put(String part, byte[] text, int from) {
        int place = from;
        for (int i = 0; i < part.length(); i++) {
            char c = part.charAt(i);
            text[place++] = (byte) (c >> 8);
            text[place++] = (byte) c;
        }
        return place;
    }

    private static MethodHandle watcher() {
        try {
            Field watcher = JdbcConnection.class.getDeclaredField("watcher");
            watcher.setAccessible(true); // It is final.
            return MethodHandles.lookup().unreflectSetter(watcher);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    /** What is asked for, if that is a database of this process and nothing that H2 has to read; else empty. */
    static Optional<PlainSettings> covered(String url, Map<String, String> properties) {
        return properties.isEmpty() && SysProperties.URL_MAP == null ? PlainSettings.of(url) : Optional.empty();
    }

    static JdbcConnection connect(PlainSettings settings, String user, String password) throws SQLException {
        try {
            ConnectionInfo asked = asked(settings, user, password);
            String baseDirectory = SysProperties.getBaseDir();
            if (baseDirectory != null) {
                asked.setBaseDir(baseDirectory);
            }
            return connection(LoginSettings.login(asked, settings.asked()), asked);
        } catch (Exception e) {
            SQLException error = DbException.toSQLException(e);
            DbException.traceThrowable(error);
            throw error;
        }
    }

    /** What H2 makes of the URL, the user and the password. */
    static ConnectionInfo asked(PlainSettings settings, String user, String password) {
        ConnectionInfo asked = new ConnectionInfo(settings.database());
        asked.setOriginalURL(settings.url());
        if (!settings.asked().isEmpty()) {
            settings.asked().forEach(asked::setProperty);
        }
        asked.setUserName(user);
        boolean isEmpty = user.isEmpty() && password.isEmpty();
        asked.setUserPasswordHash(isEmpty ? new byte[0] : hash(asked.getUserName(), password));
        asked.setProperty(LockingTableEngine.SETTING, LockingTableEngine.class.getName());
        return asked;
    }

    private static JdbcConnection connection(SessionLocal session, ConnectionInfo asked) {
        boolean isDone = false;
        try {
            JdbcConnection connection = new JdbcConnection(session, asked.getUserName(), asked.getURL());
            watch(connection);
            Trace trace = session.getTrace();
            if (trace.isInfoEnabled()) {
                trace.infoCode("Connection " + connection.getTraceObjectName() + " = DriverManager.getConnection("
                        + StringUtils.quoteJavaString(asked.getURL()) + ", "
                        + StringUtils.quoteJavaString(asked.getUserName()) + ", \"\");");
            }
            isDone = true;
            return connection;
        } finally {
            if (!isDone) {
                session.close();
            }
        }
    }

    private static void watch(JdbcConnection connection) {
        try {
            WATCHER.invokeExact(connection, NOBODY);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }
}
