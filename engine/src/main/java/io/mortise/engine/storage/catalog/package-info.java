/** The virtual tables, functions and schemas as H2 finds them. Part of {@code storage}; stands on {@code session}. */
@NullMarked
package io.mortise.engine.storage.catalog;

import org.jspecify.annotations.NullMarked;
