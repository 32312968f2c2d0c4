@NullMarked
package io.mortise.examples.boot;

import org.jspecify.annotations.NullMarked;
