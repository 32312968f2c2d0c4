/** Tests of the testkit: its core against a fake lock manager, and the whole against the engine. */
@NullMarked
package io.mortise.testkit;

import org.jspecify.annotations.NullMarked;
