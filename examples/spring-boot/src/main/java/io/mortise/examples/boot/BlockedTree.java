package io.mortise.examples.boot;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A session and those that wait for it: a node of the JSON. One thread at a time.
 *
 * @param waitsFor the lock it waits for; empty for the one at the root, whom the others wait for
 * @param waitedMillis how long it has waited
 * @param sql what it runs, or ran last
 * @param waiters who waits for it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
record BlockedTree(
        int session,
        String user,
        String state,
        Optional<String> waitsFor,
        Optional<Long> waitedMillis,
        Optional<String> sql,
        List<BlockedTree> waiters) {

    /** A row of SYS.BLOCKING_TREE, and how deep in its tree it stands. */
    record Row(int depth, BlockedTree session) {}

    /**
     * The trees of these rows; each row comes right behind the one it hangs on, or behind that one's other branches.
     */
    static List<BlockedTree> of(List<Row> rows) {
        List<BlockedTree> roots = new ArrayList<>();
        List<BlockedTree> path = new ArrayList<>();
        for (Row row : rows) {
            path.subList(row.depth(), path.size()).clear();
            (path.isEmpty() ? roots : path.get(path.size() - 1).waiters()).add(row.session());
            path.add(row.session());
        }
        return roots;
    }
}
