/**
 * What H2 counts, and tells only its own statistics, and what it sets: a part of the room {@code storage}, and under
 * its rules.
 */
@NullMarked
package io.mortise.engine.storage.count;

import org.jspecify.annotations.NullMarked;
