package io.mortise.driver.order;

import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Looks for an order in which plain H2 gives the same answers, and leaves its database as it is after that. One thread.
 */
final class Orders {
    private final Prepared plain;
    private final List<String> tables;
    private List<String> last = List.of();
    /** How far the best order has come, and what was answered otherwise there. */
    private int furthest;

    private String difference = "";

    Orders(Prepared plain, List<String> tables) {
        this.plain = plain;
        this.tables = tables;
    }

    /** What is in the tables. */
    static List<String> content(Prepared on, List<String> tables) throws SQLException {
        List<String> content = new ArrayList<>();
        for (String table : tables) {
            content.add(table + " " + Act.of("SELECT * FROM " + table).run(on));
        }
        return content;
    }

    /** Is there one that ends with this content of the tables? */
    boolean explain(List<Part> parts, List<String> content) throws SQLException {
        List<Part> left = new ArrayList<>(parts);
        left.sort(Comparator.comparingInt(Part::ended));
        last = content;
        furthest = -1;
        difference = "";
        boolean isFound = isExplainedBy(parts) || isExplained(left, 0);
        if (isFound) {
            plain.connection().commit();
        } else {
            plain.connection().rollback();
        }
        return isFound;
    }

    String difference() {
        return difference;
    }

    /** Is it as it seems? It is nearly always, and then nothing has to be taken back. */
    private boolean isExplainedBy(List<Part> parts) throws SQLException {
        List<Part> likely = new ArrayList<>(parts);
        likely.sort(Comparator.comparingInt(Part::seemsAt).thenComparingInt(Part::ended));
        for (Part part : likely) {
            if (!isAnsweredAlike(part, 0)) {
                plain.connection().rollback();
                return false;
            }
        }
        boolean isExplained = content(plain, tables).equals(last);
        if (!isExplained) {
            plain.connection().rollback();
        }
        return isExplained;
    }

    private boolean isExplained(List<Part> left, int done) throws SQLException {
        if (left.isEmpty()) {
            List<String> content = content(plain, tables);
            note(done, "the tables end as " + content + " and not as " + last);
            return content.equals(last);
        }
        for (Part next : List.copyOf(left)) {
            boolean canBeNext = left.stream().noneMatch(other -> other != next && other.isBefore(next));
            if (canBeNext && isExplainedFrom(next, left, done)) {
                return true;
            }
        }
        return false;
    }

    private boolean isExplainedFrom(Part next, List<Part> left, int done) throws SQLException {
        Savepoint before = plain.connection().setSavepoint();
        List<Part> rest = new ArrayList<>(left);
        rest.remove(next);
        boolean isExplained = isAnsweredAlike(next, done) && isExplained(rest, done + 1);
        if (!isExplained) {
            plain.connection().rollback(before);
        }
        return isExplained;
    }

    private boolean isAnsweredAlike(Part part, int done) throws SQLException {
        for (Part.Line line : part.lines()) {
            String answer = answer(line.act().inPlainH2());
            if (!answer.equals(line.answer())) {
                note(done, line.act() + " is answered " + answer + " and not " + line.answer());
                return false;
            }
        }
        return true;
    }

    private String answer(Act act) throws SQLException {
        if (!act.isQueryThatWrites()) {
            return act.run(plain);
        }
        Savepoint before = plain.connection().setSavepoint();
        String answer = act.run(plain);
        if (answer.equals(Act.REFUSED)) {
            plain.connection().rollback(before);
        }
        return answer;
    }

    private void note(int done, String what) {
        if (done > furthest) {
            furthest = done;
            difference = "after " + done + " transactions, " + what;
        }
    }
}
