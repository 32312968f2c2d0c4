/**
 * The statements on rows that the engine runs itself, in the place of H2's command: a part of the room {@code storage},
 * and under its rules.
 */
@NullMarked
package io.mortise.engine.storage.command;

import org.jspecify.annotations.NullMarked;
