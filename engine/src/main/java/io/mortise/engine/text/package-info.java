/**
 * What SQL and names are as text: tokens, what in them is secret, what would break a line. Imports no other room.
 */
@NullMarked
package io.mortise.engine.text;

import org.jspecify.annotations.NullMarked;
