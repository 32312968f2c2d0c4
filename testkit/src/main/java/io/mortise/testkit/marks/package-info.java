/** The parameters of a statement as text, for the scripts of {@code io.mortise.testkit}; not for tests. */
@NullMarked
package io.mortise.testkit.marks;

import org.jspecify.annotations.NullMarked;
