/**
 * Small programs on real input, to read, run and copy: {@link io.mortise.examples.QuickStart} is the shortest, {@link
 * io.mortise.examples.BankRun} shows what the driver is for.
 */
@NullMarked
package io.mortise.examples;

import org.jspecify.annotations.NullMarked;
