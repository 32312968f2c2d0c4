/** Results as tables: on the screen, in files, and in one report with charts. */
@NullMarked
package io.mortise.bench.report;

import org.jspecify.annotations.NullMarked;
