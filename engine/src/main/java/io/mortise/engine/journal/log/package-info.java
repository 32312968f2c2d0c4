/**
 * What the engine tells the application's log by itself: who blocks whom, deadlocks, changes that were not committed.
 * Texts come from {@code journal.report}. May import what {@code journal} may.
 */
@NullMarked
package io.mortise.engine.journal.log;

import org.jspecify.annotations.NullMarked;
