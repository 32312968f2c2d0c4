/**
 * Libraries that lock in a way of their own: job schedulers, batch, workflow engines, session stores, each run by
 * several threads or instances at once, on plain H2 and here.
 */
@NullMarked
package io.mortise.compat.jobs;

import org.jspecify.annotations.NullMarked;
