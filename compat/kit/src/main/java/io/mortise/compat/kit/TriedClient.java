package io.mortise.compat.kit;

import java.util.Arrays;
import java.util.List;

/** One client in one version that passed, and how: a line of the record. Immutable. */
public record TriedClient(String client, String version, String tried, String needs) {
    private static final String SEPARATOR = "\t";

    static TriedClient of(WorksWith claim) {
        return new TriedClient(claim.client(), JarVersion.of(claim.from()), claim.tried(), claim.needs());
    }

    static TriedClient parse(String line) {
        List<String> fields = Arrays.asList(line.split(SEPARATOR, -1));
        return new TriedClient(fields.get(0), fields.get(1), fields.get(2), fields.get(3));
    }

    String line() {
        return String.join(SEPARATOR, client, version, tried, needs);
    }
}
