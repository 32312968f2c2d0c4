/**
 * The figures of the open databases of this process, for those who measure it: values of the JDK only. In
 * {@code mortise-all} the application sees the same classes. Imports no other room.
 */
@NullMarked
package io.mortise.engine.meter;

import org.jspecify.annotations.NullMarked;
