package io.mortise.engine.view;

import static io.mortise.engine.view.Cells.nonZero;
import static io.mortise.engine.view.Cells.text;

import io.mortise.engine.journal.report.Sight;
import io.mortise.engine.journal.report.TargetKind;
import io.mortise.engine.lock.LockMode;
import io.mortise.engine.lock.LockRow;
import io.mortise.engine.lock.LockRow.Blocker;
import io.mortise.engine.lock.StatementRecord;
import io.mortise.engine.lock.TargetNames;
import io.mortise.engine.text.UserName;
import io.mortise.engine.virtual.Reader;
import java.util.List;
import java.util.Optional;

/**
 * A lock, with its names and the moment it was seen in. Immutable.
 *
 * @param mode the lock's own, or {@link #NOTE}
 */
record LockLine(LockRow lock, TargetNames.Name name, Moment moment, String mode) {
    /** In the place of a mode: it locks nothing, and is what a serializable transaction has noted of its reads. */
    private static final String NOTE = "SIREAD";

    private static final String RANGE = "RANGE";

    LockLine(LockRow lock, TargetNames.Name name, Moment moment) {
        this(lock, name, moment, lock.mode().name());
    }

    static LockLine of(Sources.ReadNote note, Moment moment) {
        long since = note.by().startNanos();
        LockRow lock = new LockRow(
                note.owner(), note.table(), LockMode.IS, true, since, since, note.by(), false, List.of(), 0);
        TargetNames.Name table = moment.name(note.table());
        TargetNames.Name place = new TargetNames.Name(
                table.schema(), table.table(), table.tableId(), note.place(), TargetNames.Name.NO_ROW);
        return new LockLine(lock, place, moment, NOTE);
    }

    boolean isNote() {
        return mode.equals(NOTE);
    }

    String kindText() {
        return isNote() && !name.key().isEmpty() ? RANGE : kind().name();
    }

    TargetKind kind() {
        return TargetKind.of(lock.target());
    }

    Optional<Blocker> firstBlocker() {
        return lock.blockers().stream().findFirst();
    }

    UserName user() {
        return moment.user(lock.owner());
    }

    /** {@code EX ROW PUBLIC.ACCOUNTS(ID=42)} */
    String locked(Reader reader) {
        String what = moment.sight(reader).place(lock.target(), user());
        return (kind().how(lock.mode()) + " " + what).strip();
    }

    Optional<Object> transaction() {
        return nonZero(lock.owner().transaction());
    }

    Optional<Object> key(Reader reader) {
        return isKeyShown(reader) ? text(name.key()) : Optional.empty();
    }

    Optional<Object> rowHash(Reader reader) {
        return isKeyShown(reader) ? Optional.of(name.rowHash()) : Optional.empty();
    }

    private boolean isKeyShown(Reader reader) {
        return name.key().isEmpty() || sight(reader).ofKey(lock.target(), user());
    }

    private Sight sight(Reader reader) {
        return isNote() ? moment.sight(reader, lock.requestedNanos()) : moment.sight(reader);
    }

    StatementRecord statement() {
        return lock.statement();
    }

    /** The statement that took it or asks for it. */
    Optional<Object> sql(Reader reader) {
        return reader.maySee(user()) ? text(statement().sql()) : Optional.empty();
    }

    /** The client's own, within which that one runs; empty if it is that itself. */
    Optional<Object> outerSql(Reader reader) {
        return statement()
                .outer()
                .filter(outer -> reader.maySee(user()))
                .flatMap(outer -> text(outer.outermost().sql()));
    }

    Optional<Object> grantTime() {
        return lock.granted() ? Optional.of(moment.time(lock.grantedNanos())) : Optional.empty();
    }
}
