/** A plugin that tells Flyway what a {@code jdbc:mortise:} URL is. Sees Flyway, and the driver by name only. */
@NullMarked
package io.mortise.flyway;

import org.jspecify.annotations.NullMarked;
