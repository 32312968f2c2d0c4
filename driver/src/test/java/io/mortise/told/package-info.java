/** What the application's log hears without having asked. */
@NullMarked
package io.mortise.told;

import org.jspecify.annotations.NullMarked;
