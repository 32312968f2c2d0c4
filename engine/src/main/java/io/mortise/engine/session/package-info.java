/**
 * Who is connected: a client's conversation with the engine, and the rule that it has one statement in flight. May
 * import {@code backend}, {@code command}, {@code error}, {@code fault}, {@code lock}, {@code setting}, {@code text},
 * {@code thread}. The gate has a package of its own below this one.
 */
@NullMarked
package io.mortise.engine.session;

import org.jspecify.annotations.NullMarked;
