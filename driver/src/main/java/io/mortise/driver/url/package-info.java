/** What stands in a URL of this driver, and what was parsed before. May use the engine's settings and errors. */
@NullMarked
package io.mortise.driver.url;

import org.jspecify.annotations.NullMarked;
