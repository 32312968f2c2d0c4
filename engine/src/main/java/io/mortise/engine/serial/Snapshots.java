package io.mortise.engine.serial;

import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
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
    /** Those that are not safe: by whom, until that one has ended. */
    private final Map<SerialTransaction, SerialTransaction> spoilt = new HashMap<>();

    void taken(SerialTransaction reader, Iterable<SerialTransaction> open) {
        Set<SerialTransaction> dependsOn = new HashSet<>();
        for (SerialTransaction other : open) {
            if (!other.isReadOnly()) {
                dependsOn.add(other);
            }
            if (other.isCommitting() && other.firstMissed() < reader.seen) {
                spoilt.put(reader, other);
                return;
            }
        }
        if (dependsOn.isEmpty()) {
            safe.add(reader);
        } else {
            waiting.put(reader, dependsOn);
        }
    }

    /**
     * Who has to end before this snapshot can be safe, or before another one can be: the oldest. Empty if nobody has.
     */
    Optional<SerialTransaction> awaited(SerialTransaction reader) {
        return waiting.getOrDefault(reader, Set.of()).stream()
                .min(Comparator.comparingLong(each -> each.begin))
                .or(() -> Optional.ofNullable(spoilt.get(reader)));
    }

    boolean isSafe(SerialTransaction reader) {
        return !safe.isEmpty() && safe.contains(reader);
    }

    /** From now on it is known what it has missed that was committed before it. */
    void commits(SerialTransaction committing) {
        if (waiting.isEmpty()) {
            return;
        }
        long missed = committing.firstMissed();
        waiting.entrySet().removeIf(each -> {
            boolean isSpoilt = each.getValue().contains(committing) && missed < each.getKey().seen;
            if (isSpoilt) {
                spoilt.put(each.getKey(), committing);
            }
            return isSpoilt;
        });
    }

    void ended(SerialTransaction ended) {
        if (safe.isEmpty() && waiting.isEmpty() && spoilt.isEmpty()) {
            return;
        }
        safe.remove(ended);
        waiting.remove(ended);
        spoilt.remove(ended);
        spoilt.values().removeIf(spoiler -> spoiler == ended);
        waiting.entrySet().removeIf(each -> {
            boolean isSafe = each.getValue().remove(ended) && each.getValue().isEmpty();
            if (isSafe) {
                safe.add(each.getKey());
            }
            return isSafe;
        });
    }
}
