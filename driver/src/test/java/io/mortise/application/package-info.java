/** Code that is not the driver's, for what is said of the callers of the driver. */
@NullMarked
package io.mortise.application;

import org.jspecify.annotations.NullMarked;
