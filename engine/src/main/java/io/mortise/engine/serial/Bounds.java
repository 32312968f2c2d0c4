package io.mortise.engine.serial;

/**
 * How much is kept. What exceeds it becomes coarser, and nothing is forgotten: more transactions are refused then, and
 * none wrongly gets through. Immutable.
 *
 * @param ofTransaction notes; the table of which there are most is then noted as a whole
 * @param inAll notes; the oldest transactions that have ended are then put together, by table
 * @param ended transactions that have ended, and are kept because another has run beside them; the same
 */
public record Bounds(int ofTransaction, int inAll, int ended) {
    public static final Bounds DEFAULT = new Bounds(1_000, 200_000, 5_000);
}
