/**
 * What SQL and names are as text: tokens, what in them is secret, what would break a line, which user a name means.
 * Imports no other room.
 */
@NullMarked
package io.mortise.engine.text;

import org.jspecify.annotations.NullMarked;
