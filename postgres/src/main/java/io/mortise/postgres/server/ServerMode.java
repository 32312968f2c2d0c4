package io.mortise.postgres.server;

import io.mortise.engine.lock.LockMode;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The server's lock modes: which of them cannot be held together, and what each is called here. Immutable. */
public enum ServerMode {
    ACCESS_SHARE(LockMode.IS),
    ROW_SHARE(LockMode.IS),
    ROW_EXCLUSIVE(LockMode.IX),
    SHARE_UPDATE_EXCLUSIVE(LockMode.SIX),
    SHARE(LockMode.S),
    SHARE_ROW_EXCLUSIVE(LockMode.SIX),
    EXCLUSIVE(LockMode.X),
    ACCESS_EXCLUSIVE(LockMode.X);

    private final LockMode ours;

    ServerMode(LockMode ours) {
        this.ours = ours;
    }

    /** {@code AccessShareLock}, as pg_locks has it. */
    public static ServerMode of(String text) {
        String spaced = text.replaceAll("Lock$", "").replaceAll("([a-z])([A-Z])", "$1_$2");
        for (ServerMode mode : values()) {
            if (mode.name().equals(spaced.toUpperCase(Locale.ROOT))) {
                return mode;
            }
        }
        return ACCESS_SHARE; // SIReadLock, which keeps nobody waiting.
    }

    public LockMode ours() {
        return ours;
    }

    /** Of a lock on a row there are no intentions. */
    public LockMode ofRow() {
        return this == SHARE || this == ROW_SHARE || this == ACCESS_SHARE ? LockMode.S : LockMode.X;
    }

    private static final Map<ServerMode, Set<ServerMode>> CONFLICTS =
            Arrays.stream(values()).collect(Collectors.toMap(mode -> mode, ServerMode::conflicts));

    public boolean conflictsWith(ServerMode other) {
        return CONFLICTS.getOrDefault(this, Set.of()).contains(other);
    }

    private Set<ServerMode> conflicts() {
        return switch (this) {
            case ACCESS_SHARE -> EnumSet.of(ACCESS_EXCLUSIVE);
            case ROW_SHARE -> EnumSet.range(EXCLUSIVE, ACCESS_EXCLUSIVE);
            case ROW_EXCLUSIVE -> EnumSet.range(SHARE, ACCESS_EXCLUSIVE);
            case SHARE_UPDATE_EXCLUSIVE -> EnumSet.range(SHARE_UPDATE_EXCLUSIVE, ACCESS_EXCLUSIVE);
            case SHARE -> {
                Set<ServerMode> all = EnumSet.range(ROW_EXCLUSIVE, ACCESS_EXCLUSIVE);
                all.remove(SHARE);
                yield all;
            }
            case SHARE_ROW_EXCLUSIVE -> EnumSet.range(ROW_EXCLUSIVE, ACCESS_EXCLUSIVE);
            case EXCLUSIVE -> EnumSet.range(ROW_SHARE, ACCESS_EXCLUSIVE);
            case ACCESS_EXCLUSIVE -> EnumSet.allOf(ServerMode.class);
        };
    }
}
