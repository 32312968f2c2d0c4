/**
 * Who is connected: a client's conversation with the engine, and the rule that it has one statement in flight. May import {@code command}, {@code backend}, {@code lock}, {@code setting}, {@code text}, {@code error}.
 */
@NullMarked
package io.mortise.engine.session;

import org.jspecify.annotations.NullMarked;
