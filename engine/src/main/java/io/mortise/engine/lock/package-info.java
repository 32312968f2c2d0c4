/**
 * Who holds what, who waits for whom, and who must give way: the lock manager. Pure Java; no SQL and no storage in it.
 * {@link io.mortise.engine.lock.LockTable} decides and never blocks; {@link io.mortise.engine.lock.LockManager} makes
 * threads wait for its decisions. May import {@code error}, {@code fault}, {@code text}, {@code thread}.
 */
@NullMarked
package io.mortise.engine.lock;

import org.jspecify.annotations.NullMarked;
