/** The commands of the jar. May import {@code read} and {@code web}; the only room that needs picocli and JLine. */
@NullMarked
package io.mortise.watch.cli;

import org.jspecify.annotations.NullMarked;
