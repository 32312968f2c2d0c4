package io.mortise.driver.order;

import java.util.ArrayList;
import java.util.List;

/** A transaction that has committed, or may yet: what it ran, and what it was answered. One thread. */
final class Part {
    /** A statement that was answered. */
    record Line(Act act, String answer) {}

    private final int session;
    private final int began;
    private int ended = Integer.MAX_VALUE;
    private boolean isReader = true;
    private final List<Line> lines = new ArrayList<>();

    Part(int session, int began) {
        this.session = session;
        this.began = began;
    }

    List<Line> lines() {
        return lines;
    }

    int ended() {
        return ended;
    }

    void end(int step) {
        ended = step;
        isReader = lines.stream().noneMatch(line -> line.act().isWrite());
    }

    /** When it seems to have happened: who only reads a snapshot, where it began. No other order is ruled out. */
    int seemsAt() {
        return isReader ? began : ended;
    }

    /** Was it over before the other began? Then it comes before it in every order. */
    boolean isBefore(Part other) {
        return ended < other.began;
    }

    void ran(Act act, String answer) {
        lines.add(new Line(act, answer));
    }

    int size() {
        return lines.size();
    }

    /** A savepoint: what was run since is taken back. */
    void cut(int size) {
        lines.subList(size, lines.size()).clear();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("session " + session + ", steps " + began + " to " + ended);
        lines.forEach(line -> text.append("\n    ")
                .append(line.act.sql())
                .append(' ')
                .append(line.act.values())
                .append("\n        ")
                .append(line.answer));
        return text.toString();
    }
}
