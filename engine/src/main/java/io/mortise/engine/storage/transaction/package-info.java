/**
 * The open transactions by what they have written: whose a value is, which statement wrote it, which keys it keeps.
 * Part of {@code storage}; of the others it sees {@code h2} and {@code slot}.
 */
@NullMarked
package io.mortise.engine.storage.transaction;

import org.jspecify.annotations.NullMarked;
