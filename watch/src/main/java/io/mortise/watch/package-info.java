/**
 * Who blocks whom, live. {@code read} asks the tables of SYS through JDBC and knows nothing else of the database;
 * {@code web} shows the answers to browsers, {@code cli} to terminals and files. Each may import those named before it;
 * {@code cli} alone needs picocli and JLine.
 */
@NullMarked
package io.mortise.watch;

import org.jspecify.annotations.NullMarked;
