/**
 * The kinds of servers that speak PostgreSQL's protocol: how each is asked who holds what, and what each can do. Knows
 * SQL, and the engine's words for modes.
 */
@NullMarked
package io.mortise.postgres.server;

import org.jspecify.annotations.NullMarked;
