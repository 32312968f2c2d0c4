package io.mortise.engine.storage.remote;

import io.mortise.engine.journal.report.OwnFile;
import io.mortise.engine.text.OneLine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import org.h2.engine.ConnectionInfo;
import org.h2.engine.Constants;
import org.h2.engine.Database;
import org.h2.message.DbException;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FileUtils;
import org.h2.store.fs.disk.FilePathDisk;

/**
 * The process that has a database file open, as it says in a small file beside it: so that another one, which H2 turns
 * away, can be told who. It is a note and no lock; a process that was killed leaves it behind, and the next one writes
 * it anew. Immutable.
 *
 * @param started when the process began: another one may have its number by now
 * @param serves the URL under which others can attach; empty if they cannot
 */
public record Occupant(long pid, String host, String command, Instant started, Instant since, String serves) {
    private static final System.Logger LOG = System.getLogger(Occupant.class.getName());
    private static final String SUFFIX = ".mortise.who";
    private static final String FIRST_LINE = "who has this database open; written by Mortise";
    private static final Pattern OURS = Pattern.compile("#" + FIRST_LINE);
    private static final int LONGEST_NOTE = 4096;
    private static final int LONGEST_VALUE = 200;
    private static final String STRANGER =
            "A process that has left no note has it now: one without this driver, or one that is"
                    + " just beginning to open it. Try again in a moment; if it stays so, end that process.";
    private static final Pattern URL = Pattern.compile("jdbc:mortise:h2:tcp://[\\w.:\\[\\]%-]+/[^;\\s]+");
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** This process, from now on. */
    static Occupant thisProcess(String serves) {
        ProcessHandle self = ProcessHandle.current();
        // The first word only: the rest may hold passwords.
        String command = System.getProperty("sun.java.command", "java").split("\\s", 2)[0];
        return new Occupant(self.pid(), hostName(), command, startOf(self), Instant.now(), serves);
    }

    private static Instant startOf(ProcessHandle process) {
        return process.info().startInstant().orElse(Instant.EPOCH);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** Writes the note. What cannot be written is missed by nobody but who would have read it. */
    void write(String database) {
        Properties note = new Properties();
        note.setProperty("pid", Long.toString(pid));
        note.setProperty("host", host);
        note.setProperty("command", command);
        note.setProperty("started", started.toString());
        note.setProperty("since", since.toString());
        note.setProperty("serves", serves);
        try {
            StringWriter text = new StringWriter();
            note.store(text, FIRST_LINE);
            Optional<OwnFile> file = file(database);
            if (file.isPresent()) {
                file.get().replace(text.toString());
            } else {
                try (OutputStream memory = FileUtils.newOutputStream(database + SUFFIX, false)) {
                    memory.write(text.toString().getBytes(StandardCharsets.ISO_8859_1));
                }
            }
        } catch (IOException | DbException e) {
            LOG.log(System.Logger.Level.DEBUG, "no note beside " + database, e);
        }
    }

    /**
     * This process has the database open, or opens it, and serves it there. What stands there and is no note of ours
     * stays.
     */
    public static void note(Database database, String serves) {
        if (database.isPersistent() && !database.isReadOnly()) {
            thisProcess(serves).write(database.getName());
        }
    }

    public static void erase(Database database) {
        if (database.isPersistent() && !database.isReadOnly()) {
            erase(database.getName());
        }
    }

    private static void erase(String database) {
        try {
            Optional<OwnFile> file = file(database);
            if (file.isPresent()) {
                file.get().delete();
            } else {
                FileUtils.tryDelete(database + SUFFIX);
            }
        } catch (IOException | DbException e) {
            LOG.log(System.Logger.Level.DEBUG, "no note of ours beside " + database, e);
        }
    }

    /** The note's file; empty for a database that H2 keeps in a file system of its own, in memory. */
    private static Optional<OwnFile> file(String database) {
        return FilePath.get(database + SUFFIX).unwrap() instanceof FilePathDisk disk
                ? Optional.of(new OwnFile(Path.of(disk.toString()), OURS))
                : Optional.empty();
    }

    private static Optional<Occupant> read(String database) {
        try (InputStream file = open(database)) {
            Properties note = new Properties();
            note.load(new ByteArrayInputStream(file.readNBytes(LONGEST_NOTE)));
            return Optional.of(new Occupant(
                    Long.parseLong(note.getProperty("pid", "0")),
                    shown(note, "host"),
                    shown(note, "command"),
                    Instant.parse(note.getProperty("started", "")),
                    Instant.parse(note.getProperty("since", "")),
                    Optional.of(shown(note, "serves"))
                            .filter(url -> URL.matcher(url).matches())
                            .orElse("")));
        } catch (IOException | DbException | IllegalArgumentException | java.time.DateTimeException noNote) {
            return Optional.empty();
        }
    }

    /**
     * Any user who may write into the directory can put a note there: it is believed only if the database's owner wrote
     * it.
     */
    private static InputStream open(String database) throws IOException {
        Optional<OwnFile> file = file(database);
        if (file.isEmpty()) {
            return FileUtils.newInputStream(database + SUFFIX);
        }
        file.get().check();
        Path path = file.get().path();
        Path data = Path.of(
                FilePath.get(database + Constants.SUFFIX_MV_FILE).unwrap().toString());
        if (!Files.getOwner(path, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(data))) {
            throw new IOException("the note beside " + database + " is by somebody else");
        }
        return Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static String shown(Properties note, String name) {
        return OneLine.of(note.getProperty(name, ""), LONGEST_VALUE);
    }

    /** H2's error, with who is in the database, or with what is known if nobody has left a note. */
    public static SQLException explain(SQLException inUse, String url) {
        String who = databaseName(url)
                .flatMap(Occupant::read)
                .map(occupant -> occupant.isGone() ? occupant.gone() : occupant.present())
                .orElse(STRANGER);
        SQLException explained = new SQLNonTransientConnectionException(
                "Database may be already in use. " + who + " No connection was made.",
                inUse.getSQLState(),
                inUse.getErrorCode());
        explained.initCause(inUse);
        return explained;
    }

    /** H2's name of the database that an H2 URL means; empty if it means none. */
    public static Optional<String> databaseName(String url) {
        try {
            return Optional.of(new ConnectionInfo(url, null, "", "").getName());
        } catch (DbException noName) {
            return Optional.empty();
        }
    }

    private String present() {
        boolean isSelf =
                host.equals(hostName()) && pid == ProcessHandle.current().pid();
        String who = isSelf ? "This very process" : "Process " + pid + " on host " + host;
        String way = serves.isEmpty()
                ? "End it, or let it serve others: SERVE=tcp:PORT, or AUTO_SERVER=TRUE in the URL of both."
                : "Attach to it: " + serves + ".";
        return who + " (" + command + ") has had it open since " + TIME.format(since) + ". " + way;
    }

    private String gone() {
        return "The last to open it with this driver was process " + pid + " on host " + host + " (" + command
                + "), at " + TIME.format(since) + "; that process is gone. " + STRANGER;
    }

    /** Is it known to have ended? Of a process on another host nothing is known. */
    private boolean isGone() {
        return host.equals(hostName())
                && ProcessHandle.of(pid)
                        .filter(process -> startOf(process).equals(started))
                        .isEmpty();
    }
}
