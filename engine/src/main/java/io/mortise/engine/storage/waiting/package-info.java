/**
 * How a session waits for a lock, and the error when it does not get it. Part of {@code storage}; of the others it sees
 * {@code h2}, {@code transaction} and {@code ending}.
 */
@NullMarked
package io.mortise.engine.storage.waiting;

import org.jspecify.annotations.NullMarked;
