/** A Spring Boot application on the driver: a pool, transactions, and the locks as JSON. */
@NullMarked
package io.mortise.examples.boot;

import org.jspecify.annotations.NullMarked;
