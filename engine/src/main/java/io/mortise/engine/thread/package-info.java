/**
 * The engine's own threads, which several rooms need; {@code engine/README.md} lists them. Imports no other room.
 */
@NullMarked
package io.mortise.engine.thread;

import org.jspecify.annotations.NullMarked;
