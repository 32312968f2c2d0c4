/**
 * The virtual tables, one method a table, over snapshots: they copy and ask nobody. May import {@code session}, {@code lock}, {@code journal}, {@code setting}, {@code virtual}, {@code text}.
 */
@NullMarked
package io.mortise.engine.view;

import org.jspecify.annotations.NullMarked;
