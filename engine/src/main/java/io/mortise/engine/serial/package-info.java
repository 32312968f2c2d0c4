/**
 * Serializable transactions that wait for nobody: what each has read and written, who has read what another wrote
 * without seeing it, and who has to give way. Decides and knows nothing of storage. May import {@code lock},
 * {@code thread}.
 */
@NullMarked
package io.mortise.engine.serial;

import org.jspecify.annotations.NullMarked;
