/**
 * The statements and functions that we add to SQL, on a server: how they are told from the server's own, and how they
 * are carried out. May import {@code table}.
 */
@NullMarked
package io.mortise.postgres.command;

import org.jspecify.annotations.NullMarked;
