/**
 * What happens to those who wait, played by sessions with threads of their own. The scenes beside plain H2 run on plain
 * H2 of the same version and on this driver, and say what either does: where plain H2 ever does the same as this
 * driver, its line fails, and with it the claim.
 */
@NullMarked
package io.mortise.driver.waits;

import org.jspecify.annotations.NullMarked;
