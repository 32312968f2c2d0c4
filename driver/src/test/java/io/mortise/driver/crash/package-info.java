/** What is left of a database whose process was killed in a stream of commits, or whose file has failed it. */
@NullMarked
package io.mortise.driver.crash;

import org.jspecify.annotations.NullMarked;
