/**
 * What the tests of clients share: a database to be tried on, and the record of who has been tried. Sees the driver.
 */
@NullMarked
package io.mortise.compat.kit;

import org.jspecify.annotations.NullMarked;
