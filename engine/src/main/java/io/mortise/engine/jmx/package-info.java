/**
 * What tools of the JVM see of an open database, and may end in it. Knows tables and functions, not where they come
 * from. May import {@code meter}, {@code text}, {@code virtual}.
 */
@NullMarked
package io.mortise.engine.jmx;

import org.jspecify.annotations.NullMarked;
