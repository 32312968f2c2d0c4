/** What a Spring Boot application gets by adding the starter. Sees Spring, and of us the errors. */
@NullMarked
package io.mortise.spring;

import org.jspecify.annotations.NullMarked;
