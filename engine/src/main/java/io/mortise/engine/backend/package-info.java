/**
 * What a session needs of the database below it, and nothing of which database that is: H2's storage is one. May import
 * {@code command}, {@code error}, {@code journal}, {@code lock}, {@code meter}, {@code setting}, {@code text}.
 */
@NullMarked
package io.mortise.engine.backend;

import org.jspecify.annotations.NullMarked;
