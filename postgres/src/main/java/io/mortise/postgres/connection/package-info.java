/**
 * A connection of pgjdbc's in many hands: whose turn it is, what runs by it and how that is cancelled, what it is told.
 */
@NullMarked
package io.mortise.postgres.connection;

import org.jspecify.annotations.NullMarked;
