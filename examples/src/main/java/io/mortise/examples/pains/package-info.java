/**
 * What the driver says when something goes wrong that goes wrong every day: {@link io.mortise.examples.pains.Pains}.
 */
@NullMarked
package io.mortise.examples.pains;

import org.jspecify.annotations.NullMarked;
