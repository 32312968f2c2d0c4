/** What an interrupt does to the thread that is meant, and not to the database: files, waits, calls. */
@NullMarked
package io.mortise.driver.interrupt;

import org.jspecify.annotations.NullMarked;
