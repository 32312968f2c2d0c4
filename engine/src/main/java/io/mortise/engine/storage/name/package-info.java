/**
 * Names that applications lock: a part of the room {@code storage}, and under its rules. Of the other rooms it sees
 * lock and text only.
 */
@NullMarked
package io.mortise.engine.storage.name;

import org.jspecify.annotations.NullMarked;
