/**
 * What is promised of data under concurrency, tried through JDBC: isolation, foreign keys, and a process that is
 * killed.
 */
@NullMarked
package io.mortise.driver.integrity;

import org.jspecify.annotations.NullMarked;
