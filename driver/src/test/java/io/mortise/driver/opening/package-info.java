/** What somebody is told who comes while another one opens a database, or who finds nobody to connect to. */
@NullMarked
package io.mortise.driver.opening;

import org.jspecify.annotations.NullMarked;
