/**
 * Places at which a test makes the engine fail or hold its breath. Every room may name a place; without such a test it
 * does nothing. Imports no other room.
 */
@NullMarked
package io.mortise.engine.fault;

import org.jspecify.annotations.NullMarked;
