/** What the README shows, copied into a project that has nothing else. */
package io.mortise.compat.plain;
