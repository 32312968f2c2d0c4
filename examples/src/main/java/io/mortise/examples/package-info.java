/**
 * Small programs on real input, to read, run and copy: {@link io.mortise.examples.QuickStart} is the shortest, {@link
 * io.mortise.examples.BankRun} shows what the driver is for, {@link io.mortise.examples.Tour} plays scripts of several sessions
 * in the words of Kognitio, SQream and ClickHouse.
 */
@NullMarked
package io.mortise.examples;

import org.jspecify.annotations.NullMarked;
