/** An application, as the driver sees one: none of its frames are the engine's. */
@NullMarked
package com.acme;

import org.jspecify.annotations.NullMarked;
