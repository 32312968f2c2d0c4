/** How a database is opened, closed, shut down, backed up and restored, and what is there afterwards. */
@NullMarked
package io.mortise.driver.ends;

import org.jspecify.annotations.NullMarked;
