/** In the jar for tools: the driver's name, and nothing else of it outside the class loader that has the rest. */
@NullMarked
package io.mortise.driver;

import org.jspecify.annotations.NullMarked;
