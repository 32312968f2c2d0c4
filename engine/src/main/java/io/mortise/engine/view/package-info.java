/**
 * The virtual tables, one method a table, over snapshots: they copy and ask nobody. May import {@code journal},
 * {@code lock}, {@code meter}, {@code session}, {@code setting}, {@code text}, {@code thread}, {@code virtual}.
 */
@NullMarked
package io.mortise.engine.view;

import org.jspecify.annotations.NullMarked;
