/** The page: logs people in, pushes snapshots to them, and ends what they ask it to end. May import {@code read}. */
@NullMarked
package io.mortise.watch.web;

import org.jspecify.annotations.NullMarked;
