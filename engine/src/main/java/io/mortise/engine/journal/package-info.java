/**
 * What has happened: statements, transactions, errors and deadlocks of the past, in bounded rings. May import
 * {@code error}, {@code lock}, {@code setting}, {@code text}, {@code thread}, {@code virtual}.
 */
@NullMarked
package io.mortise.engine.journal;

import org.jspecify.annotations.NullMarked;
