/** Clients in front of the driver on a PostgreSQL server: each test runs beside the same with pgjdbc alone. */
@NullMarked
package io.mortise.compat.postgres;

import org.jspecify.annotations.NullMarked;
