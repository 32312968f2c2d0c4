/** An open database, looked at with the JVM's own tools. */
@NullMarked
package io.mortise.driver.jmx;

import org.jspecify.annotations.NullMarked;
