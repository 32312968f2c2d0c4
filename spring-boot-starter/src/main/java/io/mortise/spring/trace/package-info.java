/**
 * Waits for locks as events of the spans in which they happen. {@code WaitSpans} needs OpenTelemetry's API alone. Of us
 * it sees the figures.
 */
@NullMarked
package io.mortise.spring.trace;

import org.jspecify.annotations.NullMarked;
