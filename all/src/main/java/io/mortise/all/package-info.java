/**
 * How {@code mortise-all} keeps its driver, its engine and its H2 to itself. Uses the JDK only; names the packages that
 * it shares with the application.
 */
@NullMarked
package io.mortise.all;

import org.jspecify.annotations.NullMarked;
