/**
 * Our tables in a client's SQL: finds their names, puts derived tables in their places, and writes their rows as the
 * server can read them.
 */
@NullMarked
package io.mortise.postgres.table;

import org.jspecify.annotations.NullMarked;
