/**
 * Small programs on real input, to read, run and copy: {@link io.mortise.examples.QuickStart} is the shortest,
 * {@link io.mortise.examples.BankRun} shows what the driver is for, {@link io.mortise.examples.Tour} plays scripts of
 * several sessions in the words of Kognitio, SQream and ClickHouse, {@link io.mortise.examples.NamedSessions} is a
 * HikariCP pool whose connections share a session. Among the tests, SharedConnectionExample is one that fails because
 * threads share a connection.
 */
@NullMarked
package io.mortise.examples;

import org.jspecify.annotations.NullMarked;
