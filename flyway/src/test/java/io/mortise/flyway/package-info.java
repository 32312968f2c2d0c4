@NullMarked
package io.mortise.flyway;

import org.jspecify.annotations.NullMarked;
