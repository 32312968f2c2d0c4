/**
 * The settings a user can choose, with their defaults, limits and descriptions; said once, for the URL, the properties
 * of a DataSource, {@code SET PARAMETER} and {@code SYS.PARAMETERS} alike. May import {@code error}, {@code text}.
 */
@NullMarked
package io.mortise.engine.setting;

import org.jspecify.annotations.NullMarked;
