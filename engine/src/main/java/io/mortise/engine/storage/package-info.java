/**
 * H2, and the lock layer over it: the only room that imports {@code org.h2}. Divided into rooms of
 * its own, which stand on one another in this order: {@code h2}; {@code checkpoint}, {@code transaction}; {@code statement},
 * {@code waiting}; {@code session}; {@code catalog}, {@code row}; {@code key}; {@code table}; {@code explain}; and this one, which
 * opens a database and hears of its statements. May import {@code backend}, {@code virtual}, {@code policy}, {@code journal}, {@code lock}, {@code setting}, {@code text}, {@code error}.
 */
@NullMarked
package io.mortise.engine.storage;

import org.jspecify.annotations.NullMarked;
