/** What is left of a database whose process was killed in a stream of commits. */
@NullMarked
package io.mortise.driver.crash;

import org.jspecify.annotations.NullMarked;
