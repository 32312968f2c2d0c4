/**
 * What the tables of SYS say, read through JDBC, and how it is written: as JSON, as a table, as a page to keep. Imports
 * no other room.
 */
@NullMarked
package io.mortise.watch.read;

import org.jspecify.annotations.NullMarked;
