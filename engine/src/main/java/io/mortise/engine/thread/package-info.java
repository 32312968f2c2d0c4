/**
 * The engine's own threads, which {@code engine/README.md} lists; its clock; and what several rooms ask of any thread:
 * where it stands, and whether it was interrupted. Imports no other room.
 */
@NullMarked
package io.mortise.engine.thread;

import org.jspecify.annotations.NullMarked;
