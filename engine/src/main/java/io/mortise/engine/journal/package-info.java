/**
 * What has happened: statements, transactions, errors and deadlocks of the past, in bounded rings. May import {@code lock}, {@code setting}, {@code virtual}, {@code text}, {@code error}.
 */
@NullMarked
package io.mortise.engine.journal;

import org.jspecify.annotations.NullMarked;
