/**
 * A session on a server: what runs in it, how it is told to end, and what its errors mean. Knows pgjdbc and the
 * engine's sessions.
 */
@NullMarked
package io.mortise.postgres.session;

import org.jspecify.annotations.NullMarked;
