/**
 * Items 56 to 59 of the compatibility list: migration tools, mappers, proxies and metadata browsers as they are
 * published.
 */
@NullMarked
package io.mortise.compat.tools;

import org.jspecify.annotations.NullMarked;
