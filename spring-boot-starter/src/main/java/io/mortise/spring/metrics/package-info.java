/**
 * What those who watch an application see of its databases: meters, a health detail, and who is busy when a pool has no
 * connection left. {@code MortiseMetrics} needs Micrometer alone. Of us it sees the figures.
 */
@NullMarked
package io.mortise.spring.metrics;

import org.jspecify.annotations.NullMarked;
