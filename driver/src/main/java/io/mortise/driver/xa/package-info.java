/**
 * Branches of distributed transactions, as X/Open has them in XA. Sees {@code java.sql}, {@code javax.transaction.xa}
 * and the errors of the engine only.
 */
@NullMarked
package io.mortise.driver.xa;

import org.jspecify.annotations.NullMarked;
