/** What the application does, and what it is told when something fails. */
package io.mortise.compat.app;
