package io.mortise.engine.journal.failure;

import io.mortise.engine.journal.failure.SerialFailure.Access;
import io.mortise.engine.journal.failure.SerialFailure.Edge;
import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.text.Quoted;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A serialization failure as a graph that tools draw: a node a transaction, an edge from who has read to who wrote what
 * that one does not see. Immutable.
 */
public final class FailureGraph {
    private final SerialFailure failure;
    private final Sight sight;

    /** @param sight what the reader may be shown */
    public FailureGraph(SerialFailure failure, Sight sight) {
        this.failure = failure;
        this.sight = sight;
    }

    /** For Graphviz. */
    public String dot() {
        StringBuilder text = new StringBuilder("digraph serialization_failure_" + failure.id() + " {\n");
        for (OwnerId party : failure.found().parties()) {
            text.append("  ").append(node(party)).append(" [label=").append(Quoted.of(label(party)));
            text.append(isVictim(party) ? ", style=filled, fillcolor=lightcoral];\n" : "];\n");
        }
        for (Edge edge : known()) {
            text.append("  ").append(node(edge.read().owner())).append(" -> ");
            text.append(node(edge.wrote().owner())).append(" [label=");
            text.append(Quoted.of("read " + SerialFailure.place(edge, edge.read(), sight) + "\ndoes not see "
                    + SerialFailure.place(edge, edge.wrote(), sight)));
            text.append(", tooltip=")
                    .append(Quoted.of(sql(edge.read()) + "\n" + sql(edge.wrote())))
                    .append("];\n");
        }
        return text.append("}\n").toString();
    }

    public String json() {
        String edges = failure.found().edges().stream().map(this::json).collect(Collectors.joining(","));
        return "{\"id\":" + failure.id() + ",\"kind\":"
                + Quoted.of(failure.found().kind().name()) + ",\"victim\":"
                + party(failure.found().victim()) + ",\"why\":"
                + Quoted.of(failure.found().why()) + ",\"conflicts\":["
                + edges + "]}";
    }

    private String json(Edge edge) {
        return "{\"reader\":" + json(edge, edge.read()) + ",\"writer\":" + json(edge, edge.wrote()) + "}";
    }

    private String json(Edge edge, Access access) {
        return "{\"party\":" + party(access.owner()) + ",\"user\":"
                + Quoted.of(access.user().text()) + ",\"place\":"
                + Quoted.of(SerialFailure.place(edge, access, sight)) + ",\"sql\":" + Quoted.of(sql(access)) + "}";
    }

    private static String party(OwnerId owner) {
        return "{\"session\":" + owner.session() + ",\"tno\":" + owner.transaction() + "}";
    }

    /** Those of which both ends are known. */
    private List<Edge> known() {
        return failure.found().edges().stream()
                .filter(edge -> edge.wrote().owner().transaction() != 0)
                .toList();
    }

    private String label(OwnerId party) {
        return "session " + party.session() + " transaction " + party.transaction()
                + (isVictim(party) ? " (gave way)" : "");
    }

    private boolean isVictim(OwnerId party) {
        return party.equals(failure.found().victim());
    }

    private static String node(OwnerId party) {
        return "s" + party.session() + "_t" + party.transaction();
    }

    private String sql(Access access) {
        if (access.by() == StatementRecord.NONE) {
            return "";
        }
        return sight.ofStatements(access.user()) ? access.by().sql() : LockMessages.HIDDEN;
    }
}
