package io.mortise.testkit;

import io.mortise.engine.ConnectRequest;
import io.mortise.engine.Engine;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Settings;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A database of the engine without the driver in front, which is built after this module: connections are H2's, and
 * unwrap to their session as the driver's do.
 */
final class EngineDatabase implements Interleaving.Database {
    private final String url = "jdbc:h2:mem:testkit-" + UUID.randomUUID();

    static Interleaving open() {
        return Interleaving.over(new EngineDatabase());
    }

    @Override
    public Connection connect(List<String> settings) throws SQLException {
        Map<Setting<?>, String> all = new HashMap<>();
        all.put(Setting.LOCK_TIMEOUT, "3600000");
        for (String setting : settings) {
            String[] pair = setting.split("=", 2);
            all.put(Setting.named(pair[0]).orElseThrow(), pair[1]);
        }
        Attachment attachment = Engine.connect(new ConnectRequest(url, "sa", "", Map.of(), Settings.of(all)));
        Connection below = attachment.connection();
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("unwrap")) {
                        return attachment
                                .session()
                                .part((Class<?>) arguments[0])
                                .orElseThrow();
                    }
                    try {
                        return method.invoke(below, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getTargetException();
                    }
                });
    }
}
