/** The jar for tools, in processes of their own: alone, beside another H2, and in a module system. */
@NullMarked
package io.mortise.all;

import org.jspecify.annotations.NullMarked;
