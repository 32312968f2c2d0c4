package io.mortise.watch.cli;

import io.mortise.watch.read.Database;
import io.mortise.watch.read.Json;
import io.mortise.watch.read.Reading;
import io.mortise.watch.read.Rows;
import io.mortise.watch.read.TextTable;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The commands that print once, and end. */
final class PrintCommands {
    private PrintCommands() {}

    /** Connects, prints, closes. */
    private abstract static class Printed implements Callable<Integer> {
        @Mixin
        final Access access = new Access();

        @Spec
        @SuppressWarnings("NullAway.Init") // Set by picocli.
        private CommandSpec spec;

        @Override
        public Integer call() throws SQLException {
            PrintWriter out = spec.commandLine().getOut();
            try (Database database = access.open()) {
                Reading reading = access.reading(database);
                if (access.json) {
                    out.println(Json.of(data(reading)));
                } else {
                    print(reading, out);
                }
                out.flush();
            }
            return 0;
        }

        abstract Object data(Reading reading) throws SQLException;

        abstract void print(Reading reading, PrintWriter out) throws SQLException;
    }

    /** {@code tree URL} */
    @Command(name = "tree", description = "Print who waits for whom, as a tree.", mixinStandardHelpOptions = true)
    static final class Tree extends Printed {
        @Override
        Object data(Reading reading) throws SQLException {
            return reading.moment();
        }

        @Override
        void print(Reading reading, PrintWriter out) throws SQLException {
            Lines.tree(reading.tree()).forEach(out::println);
        }
    }

    /** {@code locks URL} */
    @Command(name = "locks", description = "Print every lock, granted or pending.", mixinStandardHelpOptions = true)
    static final class Locks extends Printed {
        @Override
        Object data(Reading reading) throws SQLException {
            return reading.locks();
        }

        @Override
        void print(Reading reading, PrintWriter out) throws SQLException {
            Rows locks = reading.locks();
            if (locks.isEmpty()) {
                out.println("There are no locks.");
            } else {
                TextTable.lines(locks).forEach(out::println);
            }
        }
    }

    /** {@code deadlocks URL} */
    @Command(name = "deadlocks", description = "Print the last deadlocks.", mixinStandardHelpOptions = true)
    static final class Deadlocks extends Printed {
        @Override
        Object data(Reading reading) throws SQLException {
            return reading.deadlocks();
        }

        @Override
        void print(Reading reading, PrintWriter out) throws SQLException {
            Rows members = (Rows) reading.deadlocks().getOrDefault("deadlocks", Rows.NONE);
            if (members.isEmpty()) {
                out.println("No deadlock since the database was opened.");
            }
            for (int i = 0; i < members.size(); i++) {
                if (members.number(i, "CYCLE_ORDER") == 1) {
                    out.println("deadlock " + members.number(i, "DEADLOCK_ID") + ", "
                            + Instant.ofEpochMilli(members.number(i, "EVENT_TIME")));
                }
                out.println(Lines.member(members, i));
            }
        }
    }
}
