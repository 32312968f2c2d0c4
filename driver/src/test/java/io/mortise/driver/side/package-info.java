/** Calls of JDBC by the groups of H2's own tests, made on plain H2 and here, with the answers side by side. */
@NullMarked
package io.mortise.driver.side;

import org.jspecify.annotations.NullMarked;
