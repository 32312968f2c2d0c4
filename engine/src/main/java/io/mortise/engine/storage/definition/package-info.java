/**
 * What a statement that changes the catalogue is about, read out of H2's own form of it. Uses org.h2, and nothing of
 * ours.
 */
@NullMarked
package io.mortise.engine.storage.definition;

import org.jspecify.annotations.NullMarked;
