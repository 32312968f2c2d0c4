package io.mortise.engine.serial;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which snapshots of transactions that write nothing are safe: nothing that anybody does can make what they show wrong,
 * so what is read there need not be noted. That is so once all have ended that were open when it was taken. None of
 * those may have missed the writing of one that had committed before. Called under the mutex.
 */
final class Snapshots {
    /** Those that are not decided: on whose ends each depends. */
    private final Map<SerialTransaction, Set<SerialTransaction>> waiting = new HashMap<>();

    private final Set<SerialTransaction> safe = new HashSet<>();

    void taken(SerialTransaction reader, Collection<SerialTransaction> open) {
        Set<SerialTransaction> dependsOn = new HashSet<>();
        for (SerialTransaction other : open) {
            if (!other.isReadOnly()) {
                dependsOn.add(other);
            }
            if (other.isCommitting() && other.firstMissed() < reader.seen) {
                return; // Unsafe already.
            }
        }
        if (dependsOn.isEmpty()) {
            safe.add(reader);
        } else {
            waiting.put(reader, dependsOn);
        }
    }

    boolean isSafe(SerialTransaction reader) {
        return !safe.isEmpty() && safe.contains(reader);
    }

    /** From now on it is known what it has missed that was committed before it. */
    void commits(SerialTransaction committing) {
        long missed = committing.firstMissed();
        waiting.entrySet().removeIf(each -> each.getValue().contains(committing) && missed < each.getKey().seen);
    }

    void ended(SerialTransaction ended) {
        safe.remove(ended);
        waiting.remove(ended);
        waiting.entrySet().removeIf(each -> {
            boolean isSafe = each.getValue().remove(ended) && each.getValue().isEmpty();
            if (isSafe) {
                safe.add(each.getKey());
            }
            return isSafe;
        });
    }
}
