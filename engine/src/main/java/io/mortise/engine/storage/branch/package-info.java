/**
 * Branches of distributed transactions that no session has any more: a part of the room {@code storage}, and under its
 * rules.
 */
@NullMarked
package io.mortise.engine.storage.branch;

import org.jspecify.annotations.NullMarked;
