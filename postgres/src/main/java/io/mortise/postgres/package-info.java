/**
 * PostgreSQL behind {@code jdbc:mortise:postgresql:}: statements go to pgjdbc, who holds what comes from the server,
 * and the rule of one statement in flight, the limits and the reasons are the engine's.
 */
@NullMarked
package io.mortise.postgres;

import org.jspecify.annotations.NullMarked;
