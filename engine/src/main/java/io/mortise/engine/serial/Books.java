package io.mortise.engine.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.serial.Note.Look;
import io.mortise.engine.serial.Note.Write;
import io.mortise.engine.serial.Serializer.Noted;
import io.mortise.engine.serial.Serializer.Written;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Who has read a table, and who has written it, of all that are kept one by one. Called under the mutex. */
final class Books {
    /** So many tables keep their book when nobody stands in it: most transactions read and write the same ones. */
    private static final int KEPT = 64;

    /**
     * Those who have done the one or the other. Of those that have ended, most have ended before who asks has begun.
     * They stand in the order of their ends, so only those that count are looked at.
     */
    static final class Line {
        private final List<Notes.OfTable> open = new ArrayList<>(4);
        private final Deque<Notes.OfTable> ended = new ArrayDeque<>(4);

        private void leave(Notes.OfTable notes) {
            int last = open.size() - 1;
            int place = open.lastIndexOf(notes);
            if (place >= 0) {
                open.set(place, open.get(last));
                open.remove(last);
            }
        }

        void ended(Notes.OfTable notes) {
            leave(notes);
            ended.addLast(notes);
        }

        void takeOut(Notes.OfTable notes) {
            if (ended.peekFirst() == notes) {
                ended.removeFirst();
            } else {
                leave(notes);
            }
        }

        /** Calls this with the notes of all that have run beside the transaction, and perhaps with its own. */
        void forEachBeside(SerialTransaction transaction, Consumer<Notes.OfTable> other) {
            for (int i = 0; i < open.size(); i++) {
                other.accept(open.get(i));
            }
            if (!ended.isEmpty() && ended.getLast().end > transaction.begin) {
                endedBeside(transaction, other);
            }
        }

        private void endedBeside(SerialTransaction transaction, Consumer<Notes.OfTable> other) {
            var each = ended.descendingIterator();
            while (each.hasNext()) {
                Notes.OfTable next = each.next();
                if (next.end <= transaction.begin) {
                    return;
                }
                other.accept(next);
            }
        }

        private Stream<SerialTransaction> all() {
            return Stream.concat(ended.stream(), open.stream()).map(each -> each.by);
        }

        private boolean isEmpty() {
            return open.isEmpty() && ended.isEmpty();
        }
    }

    /** Of one table. */
    static final class Book {
        final Line readers = new Line();
        final Line writers = new Line();

        private boolean isEmpty() {
            return readers.isEmpty() && writers.isEmpty();
        }
    }

    /** Those that have ended while one was open that had run beside them, in order. */
    final Deque<SerialTransaction> ended = new ArrayDeque<>();

    private final Map<LockTarget.Table, Book> books = new HashMap<>();

    Book of(LockTarget.Table table) {
        Book book = books.get(table);
        if (book == null) {
            book = new Book();
            books.put(table, book);
        }
        return book;
    }

    /**
     * Enters what a transaction has looked at.
     *
     * @return who has written there; null if it was noted before, and so was compared with them
     */
    @Nullable
    Line note(SerialTransaction reader, Look look) {
        Notes.OfTable of = reader.notes.of(look.table());
        boolean isFirst = !of.hasRead();
        if (!reader.notes.add(of, look)) {
            return null;
        }
        Book book = of(look.table());
        if (isFirst) {
            book.readers.open.add(of);
        }
        return book.writers;
    }

    /**
     * Enters what a transaction has written.
     *
     * @return who has read there; null if it was noted before
     */
    @Nullable
    Line note(SerialTransaction writer, Write write) {
        Notes.OfTable of = writer.notes.of(write.table());
        boolean isFirst = !of.hasWritten();
        if (!writer.notes.add(of, write)) {
            return null;
        }
        Book book = of(write.table());
        if (isFirst) {
            book.writers.open.add(of);
        }
        return book.readers;
    }

    /** Who has written such a row and committed, beside the transaction; the last of them. */
    Optional<Written> lastWritten(SerialTransaction missing, LockTarget.Table table, Predicate<Image> row) {
        Book book = books.get(table);
        return book == null
                ? Optional.empty()
                : book.writers
                        .all()
                        .filter(writer -> writer.isCommitting() && writer.isBeside(missing))
                        .sorted(Comparator.comparingLong(writer -> -writer.commit))
                        .flatMap(writer -> writer.notes.written(table, row).stream()
                                .map(write -> new Written(writer.owner, write)))
                        .findFirst();
    }

    /** All that is noted of reads. */
    List<Noted> looks() {
        List<Noted> looks = new ArrayList<>();
        books.forEach((table, book) -> book.readers
                .all()
                .forEach(
                        reader -> reader.notes.looks(table).forEach(look -> looks.add(new Noted(reader.owner, look)))));
        return looks;
    }

    /** A transaction, whose notes these are, has ended and is kept. */
    void ended(SerialTransaction transaction) {
        ended.add(transaction);
        for (Notes.OfTable each : transaction.notes.tables()) {
            Book book = of(each.table);
            each.end = transaction.end;
            if (each.hasRead()) {
                book.readers.ended(each);
            }
            if (each.hasWritten()) {
                book.writers.ended(each);
            }
        }
    }

    /** It is open, or the first of those that have ended and are kept. */
    void takeOut(SerialTransaction transaction) {
        for (Notes.OfTable each : transaction.notes.tables()) {
            Book book = of(each.table);
            if (each.hasRead()) {
                book.readers.takeOut(each);
            }
            if (each.hasWritten()) {
                book.writers.takeOut(each);
            }
            if (books.size() > KEPT && book.isEmpty()) {
                books.remove(each.table);
            }
        }
    }

    /** How many somebody stands in. */
    int size() {
        return (int) books.values().stream().filter(book -> !book.isEmpty()).count();
    }
}
