/**
 * What can go wrong, as values. Every error the engine raises has an {@link io.mortise.engine.error.EngineError} with
 * SQLState and vendor code. It is a JDBC exception from birth, so that any route into the engine gets the same one. May
 * import {@code text}.
 */
@NullMarked
package io.mortise.engine.error;

import org.jspecify.annotations.NullMarked;
