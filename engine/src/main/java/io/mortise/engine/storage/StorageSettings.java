package io.mortise.engine.storage;

import java.util.Set;
import java.util.TreeSet;
import org.h2.command.dml.SetTypes;
import org.h2.engine.DbSettings;

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

    private StorageSettings() {}

    /** In upper case. */
    public static Set<String> known() {
        Set<String> known = new TreeSet<>(OF_CONNECTIONS);
        known.addAll(SetTypes.getTypes());
        known.addAll(DbSettings.DEFAULT.getSettings().keySet());
        return known;
    }
}
