/** Item 54 of the compatibility list, for each Hibernate that the build puts beside it. */
@NullMarked
package io.mortise.compat.hibernate;

import org.jspecify.annotations.NullMarked;
