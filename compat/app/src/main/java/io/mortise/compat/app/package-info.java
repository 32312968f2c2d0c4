/** An application as Spring Boot's own set-up makes it: a JPA entity, a repository, a controller. */
package io.mortise.compat.app;
