/**
 * JDBC's interfaces with every method handed on, so that the classes above show only what the driver adds. Sees
 * {@code java.sql} only.
 */
@NullMarked
package io.mortise.driver.forwarding;

import org.jspecify.annotations.NullMarked;
