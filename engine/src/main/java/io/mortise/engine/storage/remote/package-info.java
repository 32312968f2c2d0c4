/**
 * A database that another process has open, and letting others into one of ours. Part of {@code storage}; of the others
 * it sees {@code h2} and {@code closing}.
 */
@NullMarked
package io.mortise.engine.storage.remote;

import org.jspecify.annotations.NullMarked;
