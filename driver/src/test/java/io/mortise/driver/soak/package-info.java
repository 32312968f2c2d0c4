/**
 * Sessions of every kind under every lever at once, for as long as one likes, against an oracle that knows what was
 * acknowledged.
 */
@NullMarked
package io.mortise.driver.soak;

import org.jspecify.annotations.NullMarked;
