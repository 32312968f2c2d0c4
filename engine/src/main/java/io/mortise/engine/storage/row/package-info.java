/**
 * Locks on rows: who has one in storage, how it is taken, shared and listed. Part of {@code storage}; stands on
 * {@code session}.
 */
@NullMarked
package io.mortise.engine.storage.row;

import org.jspecify.annotations.NullMarked;
