/**
 * Why a transaction could not be serialized: as data, text, drawing and script. Part of {@code journal}; of its rooms
 * it sees {@code report}.
 */
@NullMarked
package io.mortise.engine.journal.failure;

import org.jspecify.annotations.NullMarked;
