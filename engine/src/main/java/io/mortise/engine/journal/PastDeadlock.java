package io.mortise.engine.journal;

import io.mortise.engine.journal.report.LockMessages;
import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.journal.report.TargetKind;
import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.DeadlockReport.Member;
import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.lock.OwnerId;
import io.mortise.engine.lock.Party;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.text.OneLine;
import io.mortise.engine.text.StatementShape;
import io.mortise.engine.virtual.Reader;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A deadlock of the past, with what would be gone by now: the names of what was locked, and what each member had run.
 * Immutable.
 *
 * @param named the targets waited for, as they were called then
 * @param statements what the members' transactions had run before, in the order in which it began
 */
public record PastDeadlock(
        DeadlockReport report, Map<LockTarget, TargetNames.Name> named, List<StatementEntry> statements) {
    /** Of a batch so many rows are steps of the script at most. */
    private static final int MOST_OF_BATCH = 100;

    private static final TargetNames.Name GONE = new TargetNames.Name("", "", 0, "", TargetNames.Name.NO_ROW);

    /**
     * What will be remembered of it, as of now.
     *
     * @param recent what an open transaction has run
     */
    static PastDeadlock of(DeadlockReport report, TargetNames names, Function<OwnerId, List<StatementEntry>> recent) {
        Map<LockTarget, TargetNames.Name> named = new LinkedHashMap<>();
        List<StatementEntry> before = new ArrayList<>();
        for (Member member : report.members()) {
            named.computeIfAbsent(member.waitsFor().target(), names::of);
            recent.apply(member.party().owner()).stream()
                    .filter(entry -> isBefore(entry, member, report))
                    .forEach(before::add);
        }
        before.sort(StatementEntry.BY_BEGINNING);
        return new PastDeadlock(report, named, List.copyOf(before));
    }

    /**
     * What waited may have gone on since, and ended. Of a batch, rows before the one that waits are steps by
     * themselves.
     */
    private static boolean isBefore(StatementEntry entry, Member member, DeadlockReport report) {
        boolean waited = entry.id() == member.party().statement().outermost().id();
        return entry.startNanos() - report.atNanos() <= 0 && (entry.isBatch() || !waited);
    }

    Set<LockTarget.Table> tables() {
        return named.keySet().stream()
                .flatMap(target -> target.inTable().stream())
                .collect(Collectors.toSet());
    }

    int characters() {
        return report.members().stream()
                        .mapToInt(member -> member.party().statement().sql().length())
                        .sum()
                + statements.stream()
                        .mapToInt(statement -> statement.sql().length())
                        .sum();
    }

    /** The names as they were. */
    public TargetNames names() {
        return target -> named.getOrDefault(target, GONE);
    }

    /** What this reader may be shown of it. */
    public Sight sight(Reader reader) {
        return Sight.of(reader, names(), report.atNanos());
    }

    /**
     * The deadlock as a test: a line a step, {@code a: UPDATE …}, in the order in which they happened. A comment says
     * who then waits for whom, who gives way, and whether that goes by age alone. Sessions are called a, b, c, the one
     * that closed the cycle last.
     *
     * <p>Values of prepared statements are not known; a line that has some says which row it waited for.
     *
     * @param sight of its reader
     */
    public String script(Sight sight) {
        List<Member> inOrder = new ArrayList<>(report.members());
        inOrder.sort(Comparator.comparingLong(member -> member.waitsFor().requestedNanos()
                - report.members().get(0).waitsFor().requestedNanos()));
        List<OwnerId> owners =
                inOrder.stream().map(member -> member.party().owner()).toList();
        StringBuilder script = new StringBuilder();
        for (StatementEntry statement : statements) {
            int at = owners.indexOf(new OwnerId(statement.session(), statement.transaction()));
            String step = letter(at) + ": " + OneLine.ofSql(statement.sql()) + '\n';
            script.append(step.repeat(statement.isBatch() ? (int) Math.min(statement.batchRows(), MOST_OF_BATCH) : 1));
        }
        for (int i = 0; i < inOrder.size(); i++) {
            Member member = inOrder.get(i);
            script.append(letter(i))
                    .append(": ")
                    .append(OneLine.ofSql(member.party().statement().sql()));
            script.append(" -- waits for ")
                    .append(letter(owners.indexOf(next(member).party().owner())));
            script.append(", ").append(what(member, sight)).append('\n');
        }
        return script.append("-- deadlock, victim ")
                .append(letter(owners.indexOf(report.victim())))
                .append(alike(owners))
                .append('\n')
                .toString();
    }

    /** Who gives way by age alone may be another the next time: {@code (a has done as much)}. */
    private String alike(List<OwnerId> owners) {
        Party victim = report.victimParty();
        List<String> others = report.members().stream()
                .map(Member::party)
                .filter(party -> party != victim
                        && party.priority() == victim.priority()
                        && party.rowsChanged() == victim.rowsChanged())
                .map(party -> "" + letter(owners.indexOf(party.owner())))
                .sorted()
                .toList();
        return others.isEmpty()
                ? ""
                : " (" + String.join(", ", others) + (others.size() == 1 ? " has" : " have") + " done as much)";
    }

    /**
     * What deadlocks of one kind have in common: modes, tables and statement shapes, wherever in the cycle it begins.
     */
    public List<String> shape() {
        List<String> members = report.members().stream()
                .map(member -> {
                    TargetNames.Name name = names().of(member.waitsFor().target());
                    TargetKind kind = TargetKind.of(member.waitsFor().target());
                    String table = isNameless(kind)
                            ? kind.name().toLowerCase(Locale.ROOT).replace('_', ' ')
                            : new TargetNames.Name(name.schema(), name.table(), name.tableId(), "", 0).text();
                    return (kind.typeAndLevel(member.waitsFor().mode()) + " " + table).strip() + ": "
                            + StatementShape.of(member.party().statement().sql());
                })
                .toList();
        List<String> least = members;
        for (int i = 1; i < members.size(); i++) {
            List<String> turned = new ArrayList<>(members.subList(i, members.size()));
            turned.addAll(members.subList(0, i));
            least = String.join("\n", turned).compareTo(String.join("\n", least)) < 0 ? turned : least;
        }
        return least;
    }

    private static boolean isNameless(TargetKind kind) {
        return kind == TargetKind.STATEMENT_SLOT || kind == TargetKind.TRANSACTION;
    }

    private Member next(Member member) {
        int i = report.members().indexOf(member);
        return report.members().get((i + 1) % report.members().size());
    }

    private String what(Member member, Sight sight) {
        return new LockMessages(sight)
                .what(
                        member.waitsFor(),
                        member.party().user(),
                        next(member).party().user());
    }

    private static char letter(int i) {
        return (char) ('a' + i);
    }
}
