/** The examples, run. */
@NullMarked
package io.mortise.examples;

import org.jspecify.annotations.NullMarked;
