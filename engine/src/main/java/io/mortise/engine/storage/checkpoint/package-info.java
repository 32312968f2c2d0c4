/** What a checkpoint puts into the file, and in which order: a part of the room {@code storage}, and under its rules. */
@NullMarked
package io.mortise.engine.storage.checkpoint;

import org.jspecify.annotations.NullMarked;
