/**
 * What storage tells the engine's {@code serial} room: the snapshots of serializable transactions, what is read and
 * written in them, and their ends. Part of {@code storage}; of the others it sees {@code h2} and {@code waiting}.
 */
@NullMarked
package io.mortise.engine.storage.serial;

import org.jspecify.annotations.NullMarked;
