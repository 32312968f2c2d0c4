/** What H2's own tables say of who blocks whom: a part of the room {@code storage}, and under its rules. */
@NullMarked
package io.mortise.engine.storage.blocker;

import org.jspecify.annotations.NullMarked;
