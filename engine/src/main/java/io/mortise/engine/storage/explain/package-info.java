/**
 * What a statement that H2 has read would touch, without running it: a part of the room {@code storage}, and under its
 * rules.
 */
@NullMarked
package io.mortise.engine.storage.explain;

import org.jspecify.annotations.NullMarked;
