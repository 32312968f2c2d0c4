/**
 * The gate of a session: which statement is inside, which comes next, and how a thread waits for its turn. Decides and
 * parks; knows neither connections nor storage.
 */
@NullMarked
package io.mortise.engine.session.gate;

import org.jspecify.annotations.NullMarked;
