/** Statements that the engine runs itself: what is seen of them is what is seen of those that H2 runs. */
@org.jspecify.annotations.NullMarked
package io.mortise.driver.command;
