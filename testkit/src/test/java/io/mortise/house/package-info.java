/** The house rules that a machine can check, and the test that checks them over the sources of every module. */
@NullMarked
package io.mortise.house;

import org.jspecify.annotations.NullMarked;
