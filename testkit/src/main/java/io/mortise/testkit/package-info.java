/**
 * Deterministic interleaving tests for JDBC: several sessions, one thread each, and a test that says whose turn it is.
 *
 * <p>Each step of a session returns when it has finished or stands in a queue of the lock manager. The lock manager
 * tells that as a fact: nothing sleeps and nothing polls. Over a database whose locks a server manages, the server is
 * asked every few milliseconds while a step runs. {@link io.mortise.testkit.Interleaving} is the place to begin;
 * {@link io.mortise.testkit.Interleavings} runs every order of given steps.
 *
 * <p>Uses the engine's root, {@code session} and {@code lock}; the driver is found through {@code java.sql}.
 */
@NullMarked
package io.mortise.testkit;

import org.jspecify.annotations.NullMarked;
