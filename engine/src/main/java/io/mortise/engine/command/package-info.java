/**
 * Statements that Mortise adds to SQL, read from text into values; everything else is H2's, untouched. May import
 * {@code setting}, {@code text}, {@code error}.
 */
@NullMarked
package io.mortise.engine.command;

import org.jspecify.annotations.NullMarked;
