/**
 * Random transactions of many threads, and what their reads and writes tell of the order in which they can have run.
 * The idea is that of Kingsbury and Alvaro's Elle: a row is a list to which each writer adds a number of its own, so
 * whoever reads it reads its history too.
 */
@NullMarked
package io.mortise.driver.history;

import org.jspecify.annotations.NullMarked;
