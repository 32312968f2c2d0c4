/** Which locks a statement takes: pure functions, one class a policy. May import {@code lock}, {@code setting}. */
@NullMarked
package io.mortise.engine.policy;

import org.jspecify.annotations.NullMarked;
