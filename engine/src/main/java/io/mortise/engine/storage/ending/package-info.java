/**
 * How a statement or a session is ended from outside: what has been decided, what the client is told, and how a
 * statement is refused. Belongs to {@code storage}. May import {@code lock}, {@code error}, org.h2.
 */
@NullMarked
package io.mortise.engine.storage.ending;

import org.jspecify.annotations.NullMarked;
