/**
 * Serializable transactions that wait for nobody: what each has read and written, who has read what another wrote
 * without seeing it, and who has to give way. Decides and knows nothing of storage. May import {@code lock},
 * {@code thread}.
 *
 * <p>A note is made in memory of the transaction's own and shown before its thread looks at what others show, all of it
 * volatile. So of two notes that meet, one at least sees the other and compares them under the room's mutex;
 * beginnings, decisions and ends stand there in one order. What has ended stays shown while one is open that ran beside
 * it.
 */
@NullMarked
package io.mortise.engine.serial;

import org.jspecify.annotations.NullMarked;
