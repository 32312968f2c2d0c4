/**
 * Random transactions at SERIALIZABLE over tables and indexes of every kind. Whatever was answered has to be what plain
 * H2 answers if it runs those that have committed one after another, in some order.
 */
@NullMarked
package io.mortise.driver.order;

import org.jspecify.annotations.NullMarked;
