/**
 * What a virtual table or function is: its name, columns, remarks, and where its rows come from. Knows nothing of H2;
 * {@code journal} asks who reads, {@code view} and the functions describe theirs with it, and {@code storage} shows
 * them to H2. May import {@code text}.
 */
@NullMarked
package io.mortise.engine.virtual;

import org.jspecify.annotations.NullMarked;
