package io.mortise.driver;

import io.mortise.driver.url.ConnectionUrl;
import io.mortise.driver.url.KnownUrls;
import io.mortise.engine.Engine;
import io.mortise.engine.error.EngineError;
import io.mortise.engine.session.Attachment;
import io.mortise.engine.setting.Setting;
import io.mortise.engine.setting.Watcher;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Accepts {@code jdbc:mortise:} URLs and connects. Registers itself once, when its class is loaded. Thread-safe. */
public final class MortiseDriver implements Driver {
    static {
        try {
            DriverManager.registerDriver(new MortiseDriver());
        } catch (SQLException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    @Override
    public boolean acceptsURL(@Nullable String url) throws SQLException {
        if (url == null) {
            throw EngineError.INVALID_URL.exception("The URL is null. No connection was made. Give one.");
        }
        return ConnectionUrl.isOurs(url);
    }

    /** Returns null for a URL that is not ours, as {@link Driver} asks. */
    @Override
    public @Nullable Connection connect(@Nullable String url, @Nullable Properties info) throws SQLException {
        if (!acceptsURL(url) || url == null) {
            return null;
        }
        return connect(KnownUrls.parse(url, info == null ? new Properties() : info));
    }

    static MortiseConnection connect(ConnectionUrl url) throws SQLException {
        Attachment attachment = Engine.connect(url.request(), others(url));
        MortiseConnection connection = new MortiseConnection(attachment, url);
        attachment.caveat().ifPresent(text -> connection.warn(new SQLWarning(text, "01000")));
        if (!url.unknownProperties().isEmpty()) {
            warn(connection, url.unknownProperties());
        }
        return connection;
    }

    private static void warn(MortiseConnection connection, List<String> unknown) {
        for (String key : unknown) {
            connection.warn(new SQLWarning(
                    "Unknown property " + key + " was ignored. docs/settings.md lists the settings.",
                    EngineError.UNKNOWN_SETTING.sqlState(),
                    EngineError.UNKNOWN_SETTING.vendorCode()));
        }
    }

    /** How others reach the same database, without our settings; empty if it is in memory and has no name. */
    private static Optional<Watcher.Login> others(ConnectionUrl url) {
        Watcher.Login login = (user, password) -> connect(url.by(user, password));
        return url.isReachable() ? Optional.of(login) : Optional.empty();
    }

    @Override
    public DriverPropertyInfo[] getPropertyInfo(@Nullable String url, @Nullable Properties info) {
        Properties given = info == null ? new Properties() : info;
        Map<Setting<?>, String> values = ConnectionUrl.settingsOf(url == null ? "" : url, given);
        List<DriverPropertyInfo> all = new ArrayList<>();
        DriverPropertyInfo user = new DriverPropertyInfo("user", given.getProperty("user"));
        user.description = "the name of the user";
        all.add(user);
        DriverPropertyInfo password = new DriverPropertyInfo("password", null);
        password.description = "the password of the user; never shown";
        all.add(password);
        for (Setting<?> setting : Setting.all()) {
            all.add(describe(setting, values.getOrDefault(setting, setting.defaultText())));
        }
        return all.toArray(DriverPropertyInfo[]::new);
    }

    private static DriverPropertyInfo describe(Setting<?> setting, String value) {
        DriverPropertyInfo property = new DriverPropertyInfo(setting.name(), value.isEmpty() ? null : value);
        String unit = setting.unit();
        property.description = setting.description() + (unit.isEmpty() ? "" : " (" + unit + ")");
        if (!setting.choices().isEmpty()) {
            property.choices = setting.choices().toArray(String[]::new);
        }
        return property;
    }

    @Override
    public int getMajorVersion() {
        return MortiseMetaData.MAJOR_VERSION;
    }

    @Override
    public int getMinorVersion() {
        return MortiseMetaData.MINOR_VERSION;
    }

    /** As H2 says of itself. */
    @Override
    public boolean jdbcCompliant() {
        return true;
    }

    @Override
    public Logger getParentLogger() {
        return Logger.getLogger("io.mortise");
    }
}
