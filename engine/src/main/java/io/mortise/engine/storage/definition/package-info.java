/**
 * What a statement that changes the catalogue is about, read out of the form that H2 gives it. Uses org.h2, and nothing
 * of ours.
 */
@NullMarked
package io.mortise.engine.storage.definition;

import org.jspecify.annotations.NullMarked;
