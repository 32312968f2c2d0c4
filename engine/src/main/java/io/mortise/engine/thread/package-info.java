/**
 * The engine's own threads, which {@code engine/README.md} lists, and its clock. What several rooms ask of any thread:
 * where it stands, and whether it was interrupted. A mutex for moments, what all threads find by a session's number,
 * and room between what the threads of two sessions write. May import {@code fault}.
 */
@NullMarked
package io.mortise.engine.thread;

import org.jspecify.annotations.NullMarked;
