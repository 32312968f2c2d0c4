/**
 * Histories by the million: threads that go on in one database, and a check in linear time after each window of some
 * hundred transactions. As in Kingsbury and Alvaro's Elle what was read tells what was read from: each write has a
 * number of its own, and learns the number of what it overwrote in the same statement.
 */
@NullMarked
package io.mortise.driver.mill;

import org.jspecify.annotations.NullMarked;
