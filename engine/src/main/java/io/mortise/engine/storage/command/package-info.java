/**
 * The statements on rows that the engine runs itself, instead of H2: a part of the room {@code storage}, and under its
 * rules.
 */
@NullMarked
package io.mortise.engine.storage.command;

import org.jspecify.annotations.NullMarked;
