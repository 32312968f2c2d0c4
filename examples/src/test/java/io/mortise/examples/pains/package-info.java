/** The examples, run. */
@NullMarked
package io.mortise.examples.pains;

import org.jspecify.annotations.NullMarked;
