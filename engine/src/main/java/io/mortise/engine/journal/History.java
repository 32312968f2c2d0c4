package io.mortise.engine.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.text.UserName;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The last rows that many sessions wrote, at least as many as it was made for. Thread-safe.
 *
 * <p>Every statement of every session is written here, so writing must cost next to nothing and sessions must not meet.
 * One ring for all would have one tail for all: a cache line that every core wants at every statement. So each session
 * has a {@link Writer} of its own, which fills a {@link Segment} that nobody else writes. A row is plain stores and one
 * release; the mutex is taken once in {@value Segment#ROWS} rows, to seal a full segment and drop the oldest. Rows are
 * never overwritten, so a reader needs no lock and sees no torn row. Rows are columns of longs and references rather
 * than objects: nothing is allocated a row, and nothing of a finished statement but its text is kept alive.
 */
final class History {
    /** JOURNAL_BYTES where nobody has set it. */
    static final int CHARACTERS = 1 << 24;

    /** A segment that holds so many is full, whatever its rows are: each session keeps one open. */
    private static final int SEGMENT_CHARACTERS = 1 << 16;

    private final int numbers;
    private final int texts;
    /** Those that have written, and are not closed. */
    private final Set<Writer> writers = ConcurrentHashMap.newKeySet();

    @GuardedBy("this")
    private final Deque<Segment> sealed = new ArrayDeque<>();

    @GuardedBy("this")
    private int sealedRows;

    @GuardedBy("this")
    private int size;

    @GuardedBy("this")
    private long mostCharacters = CHARACTERS;

    @GuardedBy("this")
    private long sealedCharacters;

    /**
     * @param numbers columns that are longs
     * @param texts columns that are references
     */
    History(int size, int numbers, int texts) {
        this.size = size;
        this.numbers = numbers;
        this.texts = texts;
    }

    Writer open(int session, UserName user) {
        return new Writer(session, user);
    }

    synchronized void resize(int rows) {
        size = rows;
        dropOldest();
    }

    /** From now on, so many characters of text at most, but for the segments that are still written. */
    synchronized void limit(int characters) {
        mostCharacters = characters;
        dropOldest();
    }

    synchronized int size() {
        return size;
    }

    /** The segments with all rows that are kept, in no order; those that are still written grow while they are read. */
    synchronized List<Segment> segments() {
        List<Segment> all = new ArrayList<>(sealed);
        for (Writer writer : writers) {
            writer.current().ifPresent(all::add);
        }
        return all;
    }

    private synchronized void seal(Segment full) {
        sealed.addLast(full);
        sealedRows += full.rows();
        sealedCharacters += full.characters;
        dropOldest();
    }

    @GuardedBy("this")
    private void dropOldest() {
        Segment oldest = sealed.peekFirst();
        while (oldest != null && (sealedRows - oldest.rows() >= size || sealedCharacters > mostCharacters)) {
            sealed.removeFirst();
            sealedRows -= oldest.rows();
            sealedCharacters -= oldest.characters;
            oldest = sealed.peekFirst();
        }
    }

    /** A session's pen. One thread at a time writes; any thread may read what is published. */
    final class Writer {
        private final int session;
        private final UserName user;
        /** Written by the session's thread; read by others under the mutex of the history. */
        private volatile @Nullable Segment segment;

        private volatile boolean closed;

        private Writer(int session, UserName user) {
            this.session = session;
            this.user = user;
        }

        /** A segment with room for one more row. */
        Segment room() {
            Segment now = segment;
            return now != null && !now.isFull() ? now : next(now);
        }

        java.util.Optional<Segment> current() {
            return java.util.Optional.ofNullable(segment);
        }

        private Segment next(@Nullable Segment full) {
            Segment fresh = full == null
                    ? new Segment(this, 0, Segment.FEW)
                    : new Segment(this, full.firstRow + full.rows(), Segment.ROWS);
            // One step for readers, so that no row is ever in both places or in neither.
            synchronized (History.this) {
                if (full != null) {
                    seal(full);
                }
                segment = fresh;
                if (full == null && !closed) {
                    writers.add(this);
                }
            }
            return fresh;
        }

        /** The session has ended; what it wrote stays until it is old. Costs next to nothing if that is nothing. */
        void close() {
            closed = true; // Before it is looked: who has just begun to write looks here after that.
            if (segment == null) {
                return;
            }
            synchronized (History.this) {
                writers.remove(this);
                Segment last = segment;
                if (last != null && last.rows() > 0) {
                    seal(last.trimmed());
                }
                segment = null;
            }
        }
    }

    /** A few rows of one session, in the order in which they were written. One thread writes, any may read. */
    final class Segment {
        static final int ROWS = 64;
        /** Of the first of a session: a client may connect for every statement. */
        private static final int FEW = 8;

        private static final VarHandle PUBLISHED;

        static {
            try {
                PUBLISHED = MethodHandles.lookup().findVarHandle(Segment.class, "published", int.class);
            } catch (ReflectiveOperationException e) {
                throw new ExceptionInInitializerError(e);
            }
        }

        private final Writer writer;
        private final long firstRow;
        private final long[] longs;
        private final @Nullable Object[] references;
        /** Rows that readers may look at; everything in them was written before. */
        @SuppressWarnings("unused") // through PUBLISHED
        private int published;

        /** Of all texts; the writer's, and the history's once it is sealed. */
        private int characters;

        private Segment(Writer writer, long firstRow, int rows) {
            this(writer, firstRow, new long[rows * numbers], new Object[rows * texts]);
        }

        private Segment(Writer writer, long firstRow, long[] longs, @Nullable Object[] references) {
            this.writer = writer;
            this.firstRow = firstRow;
            this.longs = longs;
            this.references = references;
        }

        int session() {
            return writer.session;
        }

        UserName user() {
            return writer.user;
        }

        /** The number of a row among all that its session has written, from 1. */
        long sequence(int row) {
            return firstRow + row + 1;
        }

        int rows() {
            return (int) PUBLISHED.getAcquire(this);
        }

        boolean isFull() {
            return published * numbers == longs.length || characters > SEGMENT_CHARACTERS;
        }

        /** Where the next row's numbers begin; the writer sets them, then publishes. */
        void put(int column, long value) {
            longs[published * numbers + column] = value;
        }

        void put(int column, String value) {
            references[published * texts + column] = value;
            characters += value.length();
        }

        void publish() {
            PUBLISHED.setRelease(this, published + 1);
        }

        long number(int row, int column) {
            return longs[row * numbers + column];
        }

        String text(int row, int column) {
            Object value = references[row * texts + column];
            return value == null ? "" : (String) value;
        }

        /** The same rows in no more memory than they need: a client may connect for every statement. */
        private Segment trimmed() {
            int rows = rows();
            Segment copy = new Segment(
                    writer,
                    firstRow,
                    java.util.Arrays.copyOf(longs, rows * numbers),
                    java.util.Arrays.copyOf(references, rows * texts));
            copy.characters = characters;
            PUBLISHED.setRelease(copy, rows);
            return copy;
        }
    }
}
