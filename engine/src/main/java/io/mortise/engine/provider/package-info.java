/**
 * What connects to databases that are not H2's, and how it is found. A provider has an artifact of its own. May import
 * {@code error}, {@code session}, {@code setting}.
 */
@NullMarked
package io.mortise.engine.provider;

import org.jspecify.annotations.NullMarked;
