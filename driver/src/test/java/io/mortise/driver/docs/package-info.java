/** What the pages of docs show, run. */
@NullMarked
package io.mortise.driver.docs;

import org.jspecify.annotations.NullMarked;
