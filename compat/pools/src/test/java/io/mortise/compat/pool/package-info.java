/**
 * Connection pools in front of the driver: items 11 to 30 of the checklist of clients. May import what an application
 * may.
 */
@NullMarked
package io.mortise.compat.pool;

import org.jspecify.annotations.NullMarked;
