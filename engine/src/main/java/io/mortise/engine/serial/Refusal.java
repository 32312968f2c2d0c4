package io.mortise.engine.serial;

import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import java.util.Optional;

/**
 * Why a transaction has to give way: {@code first} has read what {@code pivot} wrote and did not see that, as
 * {@code pivot} did of {@code last}, and {@code last} was the first of them to commit. So no order of the three
 * explains what they have seen. Immutable.
 *
 * @param in what the first has read of the pivot; empty if that is not known one by one any more
 * @param out what the pivot has read of the last; the same
 * @param victim the pivot, if it could still be ended; else the first
 */
public record Refusal(Optional<Conflict> in, OwnerId pivot, Optional<Conflict> out, OwnerId victim) {

    /** Somebody has read what another wrote, and has not seen it. */
    public record Conflict(OwnerId reader, OwnerId writer, Look look, Write write) {}

    /** All that is known is who. */
    public static Refusal ofUnknown(OwnerId victim) {
        return new Refusal(Optional.empty(), victim, Optional.empty(), victim);
    }

    /** Are there only two, each of whom has read what the other wrote? */
    public boolean isOfTwo() {
        return in.isPresent()
                && out.isPresent()
                && in.get().reader().equals(out.get().writer());
    }
}
