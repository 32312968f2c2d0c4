package io.mortise.watch.cli;

import io.mortise.watch.read.Actions;
import io.mortise.watch.read.Database;
import io.mortise.watch.read.Json;
import io.mortise.watch.read.Reading;
import io.mortise.watch.read.Rows;
import java.io.IOException;
import java.io.PrintWriter;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.AttributedString;
import org.jline.utils.Display;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code top URL}: a full screen, every second anew. Where there is no terminal, the tree once, as lines. */
@Command(
        name = "top",
        description = "Show who waits for whom on the full screen, every second anew, with keys to end it.",
        mixinStandardHelpOptions = true)
final class TopCommand implements Callable<Integer> {
    private static final long TICK_MILLIS = 1000;
    private static final int ESCAPE = 27;
    private static final int DOWN = 1;
    private static final int UP = -DOWN;
    private static final Map<Integer, Actions.Kind> KEYS = Map.of(
            (int) 'c', Actions.Kind.CANCEL, (int) 'a', Actions.Kind.ROLL_BACK, (int) 'd', Actions.Kind.DISCONNECT);

    @Mixin
    private final Access access = new Access();

    @Spec
    @SuppressWarnings("NullAway.Init") // Set by picocli.
    private CommandSpec spec;

    private final Size drawn = new Size();
    private Screen screen = Screen.empty();
    private String note = "";
    private Optional<Actions.Kind> asked = Optional.empty();

    @Override
    public Integer call() throws SQLException, IOException {
        try (Database database = access.open();
                Terminal terminal = TerminalBuilder.builder().dumb(true).build()) {
            Reading reading = access.reading(database);
            boolean isScreen = !terminal.getType().startsWith(Terminal.TYPE_DUMB);
            if (access.json || !isScreen) {
                PrintWriter out = spec.commandLine().getOut();
                look(reading);
                if (access.json) {
                    out.println(Json.of(reading.moment()));
                } else {
                    screen.lines(200, 200, " ").stream()
                            .filter(line -> !line.isBlank())
                            .forEach(out::println);
                }
                return 0;
            }
            return full(terminal, reading, new Actions(database));
        }
    }

    private void look(Reading reading) throws SQLException {
        screen = new Screen(reading.sessions(), reading.tree(), screen.chosen());
    }

    private int full(Terminal terminal, Reading reading, Actions actions) throws SQLException, IOException {
        Attributes before = terminal.enterRawMode();
        terminal.puts(Capability.enter_ca_mode);
        terminal.puts(Capability.cursor_invisible);
        try {
            NonBlockingReader keys = terminal.reader();
            Display display = new Display(terminal, true);
            long next = 0;
            int key = NonBlockingReader.READ_EXPIRED;
            while (key != 'q' && key != 3 && key != NonBlockingReader.EOF) {
                long now = System.nanoTime() / 1_000_000;
                if (now >= next || key != NonBlockingReader.READ_EXPIRED) {
                    look(reading);
                    next = now + TICK_MILLIS;
                }
                draw(terminal, display);
                key = keys.read(Math.max(1, next - System.nanoTime() / 1_000_000));
                act(key, keys, actions);
            }
            return 0;
        } finally {
            terminal.puts(Capability.exit_ca_mode);
            terminal.puts(Capability.cursor_visible);
            terminal.setAttributes(before);
            terminal.flush();
        }
    }

    private void draw(Terminal terminal, Display display) {
        int width = Math.max(20, terminal.getWidth());
        int height = Math.max(5, terminal.getHeight());
        if (width != drawn.getColumns() || height != drawn.getRows()) {
            drawn.copy(new Size(width, height));
            display.resize(height, width);
            display.clear(); // What a terminal makes of a screen that it has made smaller, nobody knows.
        }
        List<AttributedString> lines = new ArrayList<>(); // JLine changes it where lines have moved.
        screen.lines(width - 1, height, note).forEach(line -> lines.add(new AttributedString(line)));
        display.update(lines, 0);
    }

    private void act(int key, NonBlockingReader keys, Actions actions) throws IOException {
        if (asked.isPresent() && key == 'y') {
            note = end(asked.get(), actions);
            asked = Optional.empty();
        } else if (KEYS.containsKey(key) && screen.chosen() != 0) {
            asked = Optional.ofNullable(KEYS.get(key));
            note = question(asked.orElseThrow());
        } else if (key == ESCAPE) {
            int bracket = keys.read(50);
            int arrow = bracket == '[' || bracket == 'O' ? keys.read(50) : 0;
            choose(arrow == 'B' ? DOWN : arrow == 'A' ? UP : 0);
        } else if (key == 'j' || key == 'k') {
            choose(key == 'j' ? DOWN : UP);
        } else if (key > 0) {
            asked = Optional.empty();
            note = "";
        }
    }

    private void choose(int step) {
        List<Integer> choices = screen.choices();
        int at = choices.indexOf(screen.chosen());
        if (step != 0 && !choices.isEmpty()) {
            int to = Math.max(0, Math.min(choices.size() - 1, at + step));
            screen = new Screen(screen.sessions(), screen.tree(), choices.get(to));
        }
        asked = Optional.empty();
        note = "";
    }

    private String question(Actions.Kind kind) {
        String what = kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ') + " session " + screen.chosen();
        long lost = kind == Actions.Kind.CANCEL
                ? 0
                : row().map(i -> screen.sessions().number(i, "ROWS_CHANGED")).orElse(0L);
        return what + (lost == 0 ? "" : ", losing " + lost + (lost == 1 ? " changed row" : " changed rows"))
                + "? y: yes, any other key: no";
    }

    private Optional<Integer> row() {
        Rows sessions = screen.sessions();
        for (int i = 0; i < sessions.size(); i++) {
            if (sessions.number(i, "SESSION") == screen.chosen()) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    private String end(Actions.Kind kind, Actions actions) {
        String column = kind == Actions.Kind.CANCEL ? "STATEMENT_ID" : "TNO";
        try {
            return actions.end(
                    kind,
                    screen.chosen(),
                    row().map(i -> screen.sessions().number(i, column)).orElse(0L));
        } catch (SQLException e) {
            return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        }
    }
}
