package io.mortise.engine.journal.report;

import io.mortise.engine.lock.DeadlockReport;
import io.mortise.engine.lock.LockListener;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockSnapshot;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.thread.EngineClock;
import io.mortise.engine.thread.EngineThread;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The file {@code LOCK_LOG} names: all locks whenever a wait grows long, every deadlock, and every serialization
 * failure, as in Kognitio's {@code locking*} files. Thread-safe.
 *
 * <p>Text is made and written on a thread of its own: those who report stand in the middle of a lock request.
 */
public final class LockLog implements LockListener, AutoCloseable {
    private static final System.Logger LOG = System.getLogger(LockLog.class.getName());
    private static final int ENTRIES = 256;
    private static final long CLOSE_MILLIS = 2000;
    private static final Supplier<List<String>> END = List::of;

    /** How every line begins: {@code 29-11_13:24:51_UTC: DA: }. */
    private static final Pattern LINE = Pattern.compile("[0-9]{2}-[0-9]{2}_[0-9]{2}:[0-9]{2}:[0-9]{2}_\\S{1,40}: DA: ");

    private final Place place;
    private final OwnFile file;
    private final TargetNames names;
    private final EngineClock clock;
    private final Supplier<Stream<LockRow>> storageLocks;
    private final DateTimeFormatter time;
    private final BlockingQueue<Supplier<List<String>>> entries = new ArrayBlockingQueue<>(ENTRIES);
    private final AtomicLong lost = new AtomicLong();
    private volatile boolean closing;
    private final Thread writer = EngineThread.of("mortise-lock-log", this::write);

    /**
     * Where the log goes, and how it is kept small. Immutable.
     *
     * @param bytes a file that has grown so large becomes {@code PATH.1}, and that {@code PATH.2}
     * @param files how many of the old ones are kept
     * @param storageLocks how many row locks that only storage knows are written in one dump; there may be millions
     */
    public record Place(Path path, ZoneId zone, long bytes, int files, int storageLocks) {
        public static Place of(Path path) {
            return new Place(path, ZoneId.systemDefault(), 10_000_000, 5, 1000);
        }
    }

    /**
     * A log that is open until it is closed.
     *
     * @param storageLocks the row locks that only storage knows, read when a dump is written
     * @throws IOException if there is something else than a log of ours in that place; it is left alone
     */
    public LockLog(Place place, TargetNames names, EngineClock clock, Supplier<Stream<LockRow>> storageLocks)
            throws IOException {
        this.place = place;
        this.file = new OwnFile(place.path(), LINE);
        this.names = names;
        this.clock = clock;
        this.storageLocks = storageLocks;
        this.time =
                DateTimeFormatter.ofPattern("dd-MM_HH:mm:ss_z", Locale.ENGLISH).withZone(place.zone());
        file.check();
        writer.start();
    }

    @Override
    public void waitIsLong(LockSnapshot snapshot) {
        add(() -> dump(snapshot));
    }

    @Override
    public void deadlockFound(DeadlockReport report) {
        add(() -> stamped(
                report.atNanos(),
                LockMessages.kognitioFirst(new LockMessages(Sight.ofAll(names)).deadlock(report))
                        .lines()
                        .toList()));
    }

    /**
     * A transaction could not be serialized.
     *
     * @param text made when it is written
     */
    public void failed(long atNanos, Supplier<String> text) {
        add(() -> stamped(atNanos, text.get().lines().toList()));
    }

    /**
     * Ends the thread, once it has written what was reported so far. Waits two seconds at the most until it has, and
     * not at all on a thread that is interrupted.
     */
    @Override
    public void close() {
        closing = true;
        entries.offer(END); // If there is no room for it, the writer ends when it has emptied the queue.
        try {
            writer.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void add(Supplier<List<String>> entry) {
        if (!entries.offer(entry)) {
            lost.incrementAndGet();
        }
    }

    private List<String> dump(LockSnapshot snapshot) {
        List<String> lines = new ArrayList<>();
        lines.add("DUMPING LOCKS: Locks held for longer than da_dump_lkti");
        lines.add("Locks granted:");
        List<LockRow> shown =
                snapshot.rows().stream().filter(TargetKind::isKognitio).toList();
        shown.stream().filter(LockRow::granted).map(this::line).forEach(lines::add);
        try (Stream<LockRow> rows = storageLocks.get()) {
            rows.limit(place.storageLocks()).map(this::line).forEach(lines::add);
        }
        lines.add("Locks pending:");
        shown.stream().filter(row -> !row.granted()).map(this::line).forEach(lines::add);
        return stamped(snapshot.atNanos(), lines);
    }

    private String line(LockRow row) {
        TargetNames.Name name = names.of(row.target());
        return "Session %d TNo %6d type %s table %6d row hash %d"
                .formatted(
                        row.owner().session(),
                        row.owner().transaction(),
                        TargetKind.of(row.target()).typeAndLevel(row.mode()),
                        name.tableId(),
                        name.rowHash());
    }

    private List<String> stamped(long nanos, List<String> lines) {
        String stamp = time.format(clock.at(nanos)) + ": DA: ";
        return lines.stream().map(line -> stamp + line).toList();
    }

    private void write() {
        try {
            Supplier<List<String>> entry = entries.take();
            while (entry != END) {
                writeOne(entry);
                entry = closing && entries.isEmpty() ? END : entries.take();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void writeOne(Supplier<List<String>> entry) {
        try {
            List<String> lines = new ArrayList<>(entry.get());
            long missing = lost.getAndSet(0);
            if (missing > 0) {
                lines.addAll(stamped(clock.getAsLong(), List.of(missing + " entries were lost: too many at once")));
            }
            rotate();
            file.append(String.join("\n", lines) + "\n");
        } catch (IOException | RuntimeException | Error e) {
            // Neither a full disk nor a full heap ends the log for good, nor disturbs a statement.
            missed(e);
        }
    }

    private void missed(Throwable why) {
        lost.incrementAndGet();
        try {
            LOG.log(Level.WARNING, "LOCK_LOG " + place.path() + " could not be written", why);
        } catch (RuntimeException | Error e) {
            why.addSuppressed(e); // The count above is what is left to say.
        }
    }

    private void rotate() throws IOException {
        if (file.size() < place.bytes()) {
            return;
        }
        for (int i = place.files() - 1; i > 0; i--) {
            new OwnFile(numbered(i), LINE).moveTo(numbered(i + 1));
        }
        file.moveTo(numbered(1));
    }

    private Path numbered(int i) {
        return place.path().resolveSibling(place.path().getFileName() + "." + i);
    }
}
