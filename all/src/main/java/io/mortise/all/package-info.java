/**
 * How the jar for tools keeps its driver, its engine and its H2 to itself. Uses the JDK only; sees none of the classes that it
 * loads.
 */
@NullMarked
package io.mortise.all;

import org.jspecify.annotations.NullMarked;
