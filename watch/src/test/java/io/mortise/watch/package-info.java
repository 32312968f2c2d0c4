/** The page in a browser, the server on the wire, the commands. */
@NullMarked
package io.mortise.watch;

import org.jspecify.annotations.NullMarked;
