package io.mortise.engine.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.serial.Serializer.Noted;
import io.mortise.engine.serial.Serializer.Written;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Who has read a table, and who has written it, of all that are kept one by one. Called under the mutex. */
final class Books {
    private static final class Book {
        final Set<SerialTransaction> readers = new LinkedHashSet<>();
        final Set<SerialTransaction> writers = new LinkedHashSet<>();
    }

    private final Map<LockTarget.Table, Book> books = new HashMap<>();

    private Book of(LockTarget.Table table) {
        return books.computeIfAbsent(table, any -> new Book());
    }

    /** Enters one who has read. Returns who has written there. */
    List<SerialTransaction> read(LockTarget.Table table, SerialTransaction by) {
        Book book = of(table);
        book.readers.add(by);
        return List.copyOf(book.writers);
    }

    /** Enters one who has written. Returns who has read there. */
    List<SerialTransaction> write(LockTarget.Table table, SerialTransaction by) {
        Book book = of(table);
        book.writers.add(by);
        return List.copyOf(book.readers);
    }

    /** Who has written such a row and committed, beside the transaction; the last of them. */
    Optional<Written> lastWritten(SerialTransaction missing, LockTarget.Table table, Predicate<Image> row) {
        Book book = books.get(table);
        return book == null
                ? Optional.empty()
                : book.writers.stream()
                        .filter(writer -> writer.isCommitting() && writer.isBeside(missing))
                        .sorted(Comparator.comparingLong(writer -> -writer.commit))
                        .flatMap(writer -> writer.notes.written(table, row).stream()
                                .map(write -> new Written(writer.owner, write)))
                        .findFirst();
    }

    /** All that is noted of reads. */
    List<Noted> looks() {
        List<Noted> looks = new ArrayList<>();
        books.forEach((table, book) -> book.readers.forEach(
                reader -> reader.notes.looks(table).forEach(look -> looks.add(new Noted(reader.owner, look)))));
        return looks;
    }

    void takeOut(SerialTransaction transaction) {
        for (LockTarget.Table table : transaction.notes.tables()) {
            Book book = books.get(table);
            if (book != null) {
                book.readers.remove(transaction);
                book.writers.remove(transaction);
                if (book.readers.isEmpty() && book.writers.isEmpty()) {
                    books.remove(table);
                }
            }
        }
    }

    int size() {
        return books.size();
    }
}
