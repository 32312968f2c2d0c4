/**
 * The engine's own threads, which {@code engine/README.md} lists; its clock; and what several rooms ask of any thread:
 * where it stands, and whether it was interrupted. May import {@code fault}.
 */
@NullMarked
package io.mortise.engine.thread;

import org.jspecify.annotations.NullMarked;
