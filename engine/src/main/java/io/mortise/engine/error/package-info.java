/**
 * What can go wrong, as values: every error the engine raises has an {@link io.mortise.engine.error.EngineError} with
 * SQLState and vendor code, and is a JDBC exception from birth, so that any route into the engine gets the same one.
 *
 * <p>Imports {@code text} of the engine only.
 */
@NullMarked
package io.mortise.engine.error;

import org.jspecify.annotations.NullMarked;
