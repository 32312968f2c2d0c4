package io.mortise.engine.storage;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import org.h2.command.dml.SetTypes;
import org.h2.engine.DbSettings;
import org.h2.store.fs.FilePath;

/** The settings that H2 knows in a URL. */
public final class StorageSettings {
    /** Those that are neither SET statements nor database settings; H2 keeps this list to itself. */
    private static final Set<String> OF_CONNECTIONS = Set.of(
            "ACCESS_MODE_DATA",
            "AUTHREALM",
            "AUTHZPWD",
            "AUTOCOMMIT",
            "AUTO_RECONNECT",
            "AUTO_SERVER",
            "AUTO_SERVER_PORT",
            "CACHE_TYPE",
            "CIPHER",
            "CREATE",
            "DB_CLOSE_ON_EXIT",
            "FILE_LOCK",
            "FORBID_CREATION",
            "IFEXISTS",
            "IGNORE_UNKNOWN_SETTINGS",
            "INIT",
            "JMX",
            "NETWORK_TIMEOUT",
            "NO_UPGRADE",
            "OLD_INFORMATION_SCHEMA",
            "OPEN_NEW",
            "PAGE_SIZE",
            "PASSWORD",
            "PASSWORD_HASH",
            "RECOVER",
            "RECOVER_TEST",
            "USER");

    /** Places that are not a file system's name. */
    private static final Set<String> OF_DRIVERS = Set.of("mem", "file", "tcp", "ssl", "nio", "classpath");

    /** Asked for at each connection, once a key. */
    private static final Set<String> KNOWN = all();

    private StorageSettings() {}

    /**
     * Does it begin with the name of a place that H2 knows, a file system that the application has registered included?
     */
    public static boolean isPlace(String database) {
        int colon = database.indexOf(':');
        String name = database.substring(0, Math.max(colon, 0));
        return OF_DRIVERS.contains(name)
                || colon > 1 && FilePath.get(name + ":").getScheme().equals(name);
    }

    /** In upper case. */
    public static Set<String> known() {
        return KNOWN;
    }

    private static Set<String> all() {
        Set<String> all = new TreeSet<>(OF_CONNECTIONS);
        all.addAll(SetTypes.getTypes());
        all.addAll(DbSettings.DEFAULT.getSettings().keySet());
        return Collections.unmodifiableSet(all);
    }
}
