/**
 * How a database's file is read and written: over channels that an interrupt cannot close. Knows H2's file layer and
 * nothing of locks, tables or sessions; the rest of {@code storage} may use it.
 */
@NullMarked
package io.mortise.engine.storage.file;

import org.jspecify.annotations.NullMarked;
