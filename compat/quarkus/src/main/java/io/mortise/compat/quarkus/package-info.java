/** An application of Quarkus, as its own documentation makes one. Sees Quarkus and Jakarta; nothing of ours. */
package io.mortise.compat.quarkus;
