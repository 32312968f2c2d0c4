/** What Actuator shows of the locks. Sees Spring Boot and JDBC; imports no other package of ours but the driver. */
@NullMarked
package io.mortise.spring.actuate;

import org.jspecify.annotations.NullMarked;
