/**
 * Places at which a test makes the engine fail or hold its breath. It knows no other room, and every room may name a place;
 * without such a test it does nothing.
 */
@NullMarked
package io.mortise.engine.fault;

import org.jspecify.annotations.NullMarked;
