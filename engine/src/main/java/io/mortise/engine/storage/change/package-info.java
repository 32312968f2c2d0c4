/**
 * Changes of one row that the engine makes itself, instead of H2: a part of the room {@code storage}, and under its
 * rules.
 */
@NullMarked
package io.mortise.engine.storage.change;

import org.jspecify.annotations.NullMarked;
