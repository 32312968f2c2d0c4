/** What connections and databases take from the process, and whether they give it back. */
@NullMarked
package io.mortise.driver.leak;

import org.jspecify.annotations.NullMarked;
