/** What an application of Quarkus finds with our driver in its pool. */
package io.mortise.compat.quarkus;
