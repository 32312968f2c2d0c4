package io.mortise.engine.journal.report;

import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.DeadlockReport.Member;
import io.mortise.engine.text.Quoted;
import java.util.List;

/** A deadlock as a graph that tools draw: a node a session, an edge from each to the one it waits for. Stateless. */
public final class DeadlockGraph {
    private final DeadlockReport report;
    private final LockMessages messages;
    private final Sight sight;

    public DeadlockGraph(DeadlockReport report, Sight sight) {
        this.report = report;
        this.messages = new LockMessages(sight);
        this.sight = sight;
    }

    /** For Graphviz. */
    public String dot() {
        StringBuilder text = new StringBuilder("digraph deadlock_" + report.id() + " {\n");
        for (Member member : report.members()) {
            text.append("  s").append(session(member)).append(" [label=").append(Quoted.of(label(member)));
            text.append(isVictim(member) ? ", style=filled, fillcolor=lightcoral];\n" : "];\n");
        }
        List<Member> members = report.members();
        for (int i = 0; i < members.size(); i++) {
            text.append("  s").append(session(members.get(i))).append(" -> s");
            text.append(session(next(i))).append(" [label=");
            text.append(Quoted.of(what(i)));
            text.append(", tooltip=")
                    .append(Quoted.of(members.get(i).edge().name()))
                    .append("];\n");
        }
        return text.append("}\n").toString();
    }

    public String json() {
        List<Member> members = report.members();
        StringBuilder text = new StringBuilder(
                "{\"id\":" + report.id() + ",\"victim\":" + report.victim().session() + ",\"members\":[");
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            text.append(i == 0 ? "" : ",").append("{\"session\":").append(session(member));
            text.append(",\"tno\":").append(member.party().owner().transaction());
            text.append(",\"user\":").append(Quoted.of(member.party().user().text()));
            text.append(",\"waitsFor\":").append(Quoted.of(what(i)));
            text.append(",\"waitsForSession\":").append(session(next(i)));
            text.append(",\"edge\":").append(Quoted.of(member.edge().name()));
            text.append(",\"rowsChanged\":").append(member.party().rowsChanged());
            text.append(",\"sql\":").append(Quoted.of(sql(member))).append('}');
        }
        return text.append("]}").toString();
    }

    private String what(int member) {
        return messages.what(report.members().get(member).waitsFor(), LockMessages.owners(report, member));
    }

    private String label(Member member) {
        return "session " + session(member) + " " + member.party().user() + (isVictim(member) ? " (victim)" : "") + "\n"
                + sql(member);
    }

    private String sql(Member member) {
        return sight.ofStatements(member.party().user())
                ? member.party().statement().sql()
                : LockMessages.HIDDEN;
    }

    private boolean isVictim(Member member) {
        return member.party().owner().equals(report.victim());
    }

    private Member next(int i) {
        return report.members().get((i + 1) % report.members().size());
    }

    private static int session(Member member) {
        return member.party().owner().session();
    }
}
