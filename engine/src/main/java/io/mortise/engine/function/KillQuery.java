package io.mortise.engine.function;

import io.mortise.engine.error.EngineError;
import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.session.SessionRow;
import io.mortise.engine.session.Sessions;
import io.mortise.engine.storage.Storage;
import io.mortise.engine.virtual.VirtualFunction;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.StringTokenizer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * KILL QUERY, as the function that the statement calls for each row: ends statements, and keeps their transactions.
 * Thread-safe; waits for a statement only if told to.
 */
final class KillQuery {
    private final Storage storage;
    private final Sessions sessions;
    private final Callers callers;

    KillQuery(Storage storage, Sessions sessions, Callers callers) {
        this.storage = storage;
        this.sessions = sessions;
        this.callers = callers;
    }

    VirtualFunction function() {
        return new VirtualFunction(
                "SYS",
                "KILL_STATEMENT",
                "KILL_STATEMENT(id, 'SYNC' | 'ASYNC' | 'TEST' [, 'id,id…']): what KILL QUERY calls, with the ids of all"
                        + " that it ends",
                2,
                3,
                "VARCHAR",
                callers.handedTo(this::kill));
    }

    /** Answers with ClickHouse's kill_status. */
    private Object kill(Caller by, List<@Nullable Object> arguments) throws SQLException {
        long id = StopFunctions.number(arguments.get(0));
        String mode = String.valueOf(arguments.get(1)).toUpperCase(Locale.ROOT);
        Optional<SessionRow> running = sessions.snapshot().stream()
                .filter(session -> concerns(session, Set.of(id)))
                .findFirst();
        if (id <= 0 || running.isEmpty()) { // 0 stands for a session that has run nothing yet.
            return "finished";
        }
        if (!by.reader().maySee(running.get().user())) {
            return "cant_cancel";
        }
        return switch (mode) {
            case "TEST" -> "unknown_status";
            case "ASYNC" -> end(by, id, arguments) ? "waiting" : "finished";
            case "SYNC" -> {
                end(by, id, arguments);
                awaitEnd(by, id);
                yield "finished";
            }
            default ->
                throw EngineError.INVALID_VALUE.exception("KILL QUERY … " + mode + " is not known. Statement " + id
                        + " goes on. Say SYNC, ASYNC or TEST.");
        };
    }

    private static boolean concerns(SessionRow session, Set<Long> statements) {
        return statements.contains(session.statement().id())
                || session.inLine().stream().anyMatch(waiting -> statements.contains(waiting.id()));
    }

    /**
     * The first of several ends them all, and before that decides for each that it ends: one that waits is not granted
     * what another gives back. To the others that is no news.
     */
    private boolean end(Caller by, long id, List<@Nullable Object> arguments) throws SQLException {
        WaitEnding ending = new WaitEnding(WaitEnd.KILLED, by.session().id());
        if (arguments.size() > 2) {
            Set<Long> all = ids(arguments.get(2));
            List<SessionRow> victims = sessions.snapshot().stream()
                    .filter(session -> by.reader().maySee(session.user()) && concerns(session, all))
                    .sorted(Comparator.comparing(session -> session.state() != SessionRow.State.LOCK_WAIT))
                    .toList();
            Set<Long> marked = victims.stream()
                    .filter(victim -> mark(victim, all, ending))
                    .map(victim -> victim.statement().id())
                    .collect(Collectors.toSet());
            victims.stream()
                    .flatMap(victim -> victim.inLine().stream())
                    .filter(waiting -> all.contains(waiting.id()))
                    .forEach(waiting -> sessions.end(waiting.id(), ending));
            victims.stream()
                    .map(victim -> victim.statement().id())
                    .filter(statement -> statement != id && all.contains(statement))
                    .forEach(statement -> sessions.end(statement, ending));
            // One that waits hears of it by itself, and may have ended by now.
            return sessions.end(id, ending) || marked.contains(id);
        }
        return sessions.end(id, ending);
    }

    private static Set<Long> ids(@Nullable Object list) throws SQLException {
        Set<Long> ids = new HashSet<>();
        StringTokenizer texts = new StringTokenizer(String.valueOf(list), ", ");
        while (texts.hasMoreTokens()) {
            ids.add(StopFunctions.number(texts.nextToken()));
        }
        return ids;
    }

    private boolean mark(SessionRow victim, Set<Long> statements, WaitEnding ending) {
        long statement = victim.statement().id();
        return statements.contains(statement)
                && storage.session(victim.id())
                        .filter(target -> target.endings().mark(statement, ending))
                        .isPresent();
    }

    private void awaitEnd(Caller by, long statement) throws SQLException {
        try {
            sessions.awaitEnd(statement, () -> by.session().ending().isPresent());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw EngineError.CANCELLED.exception(
                    "The thread was interrupted while KILL QUERY … SYNC waited for statement " + statement
                            + " to end. It has been told to.");
        }
    }
}
