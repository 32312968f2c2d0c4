package io.mortise.engine.serial;

import io.mortise.engine.lock.LockTarget;
import io.mortise.engine.serial.Extent.Image;
import io.mortise.engine.serial.Note.Bounds;
import io.mortise.engine.serial.Serializer.Noted;
import io.mortise.engine.serial.Serializer.Written;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * The transactions that count: those that are open, and those that have ended beside one of these. Of some of those
 * only their tables are left, for want of room. Called under the mutex.
 */
final class Books {
    /** Those whose end is not known, the oldest first. */
    final SerialTransaction.Running open = new SerialTransaction.Running();
    /** Those that have ended while one was open that had run beside them, in order. */
    private final Deque<SerialTransaction> ended = new ArrayDeque<>();

    final Forgotten forgotten = new Forgotten();
    private final Signs signs;
    private Bounds bounds;
    private int notes;

    Books(Bounds bounds, Signs signs) {
        this.bounds = bounds;
        this.signs = signs;
    }

    void setBounds(Bounds changed) {
        bounds = changed;
        open.forEach(this::count);
        keepToBounds();
    }

    /** Calls this with all that have run beside the transaction and count, and perhaps with itself. */
    void forEachBeside(SerialTransaction transaction, Consumer<SerialTransaction> other) {
        for (int i = 0; i < open.size(); i++) {
            other.accept(open.get(i));
        }
        var each = ended.descendingIterator();
        while (each.hasNext()) {
            SerialTransaction next = each.next();
            if (next.end <= transaction.begin) {
                break; // They stand in the order of their ends.
            }
            other.accept(next);
        }
        signs.tidy(open.oldest());
    }

    /** Who has written such a row of the table and committed, beside the transaction; the last of them. */
    Optional<Written> lastWritten(SerialTransaction missing, LockTarget.Table table, Predicate<Image> row) {
        return all().filter(writer -> writer.isCommitting() && writer.isBeside(missing))
                .sorted(Comparator.comparingLong(writer -> -writer.commit))
                .flatMap(writer ->
                        writer.notes.written(table, row).stream().map(write -> new Written(writer.owner, write)))
                .findFirst();
    }

    private Stream<SerialTransaction> all() {
        return Stream.concat(ended.stream(), StreamSupport.stream(open.spliterator(), false));
    }

    /** All that is noted of reads. */
    List<Noted> looks() {
        return all().flatMap(each -> each.notes.looks().stream().map(look -> new Noted(each.owner, look)))
                .toList();
    }

    /** It was open, and has ended. */
    void ended(SerialTransaction transaction) {
        count(transaction);
        transaction.size = transaction.notes.size();
        signs.leave(transaction, transaction.end);
        if (open.size() > 0) {
            ended.addLast(transaction);
        } else {
            forget(transaction); // Nobody can have run beside it whose end is not known.
        }
        forgetWhatHasPassed();
        keepToBounds();
        signs.showForgotten(forgotten.size());
    }

    /** It was open, and nothing of it counts. */
    void rolledBack(SerialTransaction transaction) {
        transaction.takeOutConflicts();
        transaction.notes.clear();
        count(transaction);
        signs.leave(transaction, signs.now());
        signs.forget(transaction);
        forgetWhatHasPassed();
        signs.showForgotten(forgotten.size());
    }

    /** Nobody is open that has run beside them. */
    private void forgetWhatHasPassed() {
        long oldest = open.oldest();
        while (!ended.isEmpty() && ended.getFirst().end < oldest) {
            forget(ended.removeFirst());
        }
        forgotten.passed(oldest);
    }

    private void forget(SerialTransaction transaction) {
        transaction.in.keySet().forEach(reader -> reader.firstOut = Math.min(reader.firstOut, transaction.commit));
        transaction.takeOutConflicts();
        notes -= transaction.size;
        signs.forget(transaction);
    }

    private void count(SerialTransaction transaction) {
        notes += transaction.notes.count();
    }

    /** It has noted something. */
    void noted(SerialTransaction by) {
        count(by);
        while (by.notes.size() > bounds.ofTransaction() && coarsen(by)) {
            // Until there is room, or every table is noted as a whole.
        }
        keepToBounds();
    }

    private boolean coarsen(SerialTransaction transaction) {
        boolean isLess = transaction.notes.coarsen();
        count(transaction);
        return isLess;
    }

    private void keepToBounds() {
        while (!ended.isEmpty() && (ended.size() > bounds.ended() || notes > bounds.inAll())) {
            SerialTransaction oldest = ended.removeFirst();
            forgotten.add(oldest);
            signs.showForgotten(forgotten.size());
            oldest.out.keySet().forEach(writer -> writer.isReadByForgotten = true);
            forget(oldest);
        }
        for (var oldest = open.iterator(); notes > bounds.inAll() && oldest.hasNext(); ) {
            SerialTransaction each = oldest.next();
            while (notes > bounds.inAll() && coarsen(each)) {
                // Until there is room, or every table is noted as a whole.
            }
        }
    }

    /** Notes, transactions kept, and tables of those that are not kept: nothing of them stays when nobody is open. */
    int size() {
        open.forEach(this::count);
        return notes + ended.size() + open.size() + forgotten.size();
    }
}
