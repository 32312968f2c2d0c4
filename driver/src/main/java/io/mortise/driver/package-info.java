/**
 * JDBC in front of the engine's sessions: URLs, connections, statements, and what H2's driver leaves empty.
 *
 * <p>Sees {@code java.sql} interfaces and the engine's root, {@code session}, {@code setting} and {@code error} rooms;
 * neither H2 nor lock types.
 */
@NullMarked
package io.mortise.driver;

import org.jspecify.annotations.NullMarked;
