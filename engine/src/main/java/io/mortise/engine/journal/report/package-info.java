/**
 * What is said of locks to people: messages, graphs and the log file, in words that are the same wherever they appear.
 * May import {@code lock}, {@code virtual}.
 */
@NullMarked
package io.mortise.engine.journal.report;

import org.jspecify.annotations.NullMarked;
