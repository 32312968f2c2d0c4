/** The commands, without a terminal and in one. */
@NullMarked
package io.mortise.watch.cli;

import org.jspecify.annotations.NullMarked;
