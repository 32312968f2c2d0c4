/**
 * H2, and the lock layer over it: the only room that imports {@code org.h2}. Divided into rooms of its own, each of
 * which stands on those named before it: {@code h2}; {@code checkpoint}, {@code transaction}; {@code sequence};
 * {@code statement}, {@code waiting}; {@code serial}; {@code session}; {@code catalog}, {@code row}; {@code command};
 * {@code key}; {@code table}; {@code explain}, {@code remote}; beside them small ones that know H2 only. The types here
 * open a database and hear of its statements. May import {@code backend}, {@code error}, {@code fault},
 * {@code journal}, {@code lock}, {@code policy}, {@code serial}, {@code setting}, {@code text}, {@code thread},
 * {@code virtual}.
 */
@NullMarked
package io.mortise.engine.storage;

import org.jspecify.annotations.NullMarked;
