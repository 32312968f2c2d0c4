/** Items 52, 53, 55 and 60 of the compatibility list, for each Spring Boot that the build puts beside it. */
@NullMarked
package io.mortise.compat.spring;

import org.jspecify.annotations.NullMarked;
