package io.mortise.engine.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * What transactions have read and written, as bits that can be read without a mutex: where no bit is common, nothing
 * meets. So most notes are compared with nobody's, and the room's mutex is not taken for them. Thread-safe.
 *
 * <p>Who notes something shows its bits first and then looks at those of the others, both as volatile. So of two whose
 * notes meet, at least one sees the other, and compares them under the room's mutex. The bits of one that has ended
 * stay where they are as long as anybody is open that ran beside it; more bits than there need be only cost time.
 */
final class Signs {
    /** So many transactions that are open have a place. While more count, all ask the room. */
    private static final int PLACES = 16;

    /** Tables of one database have numbers that follow each other, more or less: so few of them share a word. */
    private static final int WORDS = 16;
    /** Longs from one place to the next, and half of it from what is written to what is read. */
    private static final int APART = 64;

    private static final int READ = 32;
    /** When the last one at the place has ended, and when the last of those before it whose bits may be there. */
    private static final int LAST_END = READ + WORDS;

    private static final int EARLIER_END = LAST_END + 1;

    private static final int CLOCK = (PLACES + 1) * APART;
    /** Hardly ever written: where the places end that were ever taken, who has none, whether something is forgotten. */
    private static final int USED = CLOCK + APART;

    private static final int HOMELESS = USED + 1;
    private static final int FORGOTTEN = USED + 2;
    private static final int ALL = USED + APART;

    /** For a transaction that has no place. */
    static final Place NOWHERE = new Place(new AtomicLongArray(0), 0);

    /** What a thread writes for itself lies far from what another one does: each line that two write costs both. */
    private final AtomicLongArray words = new AtomicLongArray(ALL);
    /** Who was last at each place, if its bits may be there. */
    private final @Nullable SerialTransaction[] last = new SerialTransaction[CLOCK];
    /** Under the room's mutex. */
    private int taken;

    /** Where a transaction shows what it notes. Under the mutex of its notes, but for what it looks at. */
    static final class Place {
        private final AtomicLongArray words;
        /** Its first word; 0 if it is none. */
        private final int base;

        private Place(AtomicLongArray words, int base) {
            this.words = words;
            this.base = base;
        }

        boolean isNone() {
            return base == 0;
        }

        /** For all to see, before its own thread looks at the others. */
        void show(TableNotes of) {
            if (!isNone()) {
                int word = base + word(of.table);
                add(word, of.writtenBits());
                add(word + READ, of.readBits());
            }
        }

        private void add(int word, long bits) {
            long before = words.getPlain(word);
            if ((before | bits) != before) {
                words.set(word, before | bits);
            }
        }

        /** Can nobody who counts have written that? */
        boolean isUnwritten(Look look) {
            return isFree(word(look.table()), look.bits());
        }

        /** Can nobody who counts have looked at that? */
        boolean isUnread(Write write) {
            return isFree(READ + word(write.table()), write.bits());
        }

        private boolean isFree(int word, long bits) {
            if (isNone() || words.get(HOMELESS) != 0) {
                return false;
            }
            int end = (int) words.get(USED);
            for (int other = APART; other < end; other += APART) {
                if (other != base && (words.get(other + word) & bits) != 0) {
                    return false;
                }
            }
            return words.get(FORGOTTEN) == 0; // Looked at last: what is forgotten is shown there before it leaves.
        }
    }

    Signs() {
        words.set(USED, APART);
    }

    private static int word(LockTarget.Table table) {
        return (table.id() ^ table.id() >>> 4) & WORDS - 1;
    }

    /** The number of the last event; a snapshot taken before this call shows nothing that has a later one. */
    long now() {
        return words.get(CLOCK);
    }

    /** The number of the next event. Under the room's mutex, as all below. */
    long tick() {
        long next = words.getPlain(CLOCK) + 1;
        words.setRelease(CLOCK, next);
        return next;
    }

    /**
     * One begins, and has noted nothing. A session mostly gets the place that it had before.
     *
     * @param oldest when the oldest has begun that is open
     */
    Place take(SerialTransaction begun, long oldest) {
        for (int i = 0; i < PLACES; i++) {
            int number = begun.owner.session() + i & PLACES - 1;
            if ((taken & 1 << number) == 0) {
                taken |= 1 << number;
                Place place = new Place(words, (number + 1) * APART);
                clear(place.base, oldest);
                if (words.getPlain(USED) <= place.base) {
                    words.set(USED, place.base + APART);
                }
                return place;
            }
        }
        words.set(HOMELESS, words.getPlain(HOMELESS) + 1);
        return NOWHERE;
    }

    /** Takes away the bits of those that have ended before all that are open began, as far as that is known. */
    private void clear(int base, long oldest) {
        SerialTransaction before = last[base];
        if (before == null) {
            return;
        }
        long lastEnd = words.getPlain(base + LAST_END);
        if (lastEnd < oldest) {
            show(base, null);
            last[base] = null;
        } else {
            if (words.getPlain(base + EARLIER_END) < oldest) {
                show(base, before);
            }
            words.setPlain(base + EARLIER_END, lastEnd);
        }
    }

    /** Each word at once, so that no bit is missing in between which is there before and after. */
    private void show(int base, @Nullable SerialTransaction only) {
        long[] sum = new long[READ + WORDS];
        if (only != null) {
            for (TableNotes each : only.notes.tables()) {
                int word = word(each.table);
                sum[word] |= each.writtenBits();
                sum[word + READ] |= each.readBits();
            }
        }
        for (int word = 0; word < sum.length; word++) {
            if (words.getPlain(base + word) != sum[word]) {
                words.setRelease(base + word, sum[word]);
            }
        }
    }

    /**
     * It is open no more. Its bits stay: the next one at its place, or {@link #tidy}, looks whether they still count.
     */
    void leave(SerialTransaction over, long end) {
        int base = over.notes.signs().base;
        if (base != 0) {
            last[base] = over;
            words.setPlain(base + LAST_END, end);
            taken &= ~(1 << base / APART - 1);
        }
    }

    /** It counts no more. */
    void forget(SerialTransaction over) {
        if (over.notes.signs().isNone()) {
            words.set(HOMELESS, words.getPlain(HOMELESS) - 1);
        }
    }

    /** Somebody has found bits. Those at places that nobody has need not be found again if they count no more. */
    void tidy(long oldest) {
        int end = (int) words.getPlain(USED);
        for (int base = APART; base < end; base += APART) {
            boolean isFree = (taken & 1 << base / APART - 1) == 0;
            if (isFree && last[base] != null && words.getPlain(base + LAST_END) < oldest) {
                show(base, null);
                last[base] = null;
            }
        }
    }

    /** Of so many tables something is kept of which no more is known. */
    void showForgotten(int tables) {
        if (words.getPlain(FORGOTTEN) != tables) {
            words.set(FORGOTTEN, tables);
        }
    }
}
