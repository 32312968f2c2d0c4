/** Where an example's database is, and a second process that uses the same one. Knows JDBC only. */
@NullMarked
package io.mortise.examples.server;

import org.jspecify.annotations.NullMarked;
