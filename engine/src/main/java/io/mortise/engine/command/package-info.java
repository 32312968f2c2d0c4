/**
 * Statements that Mortise adds to SQL, read from text into values; everything else is H2's, untouched. May import
 * {@code error}, {@code setting}, {@code text}.
 */
@NullMarked
package io.mortise.engine.command;

import org.jspecify.annotations.NullMarked;
