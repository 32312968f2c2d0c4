/** The server on the wire. */
@NullMarked
package io.mortise.watch.web;

import org.jspecify.annotations.NullMarked;
