package io.mortise.engine.storage.command;

import io.mortise.engine.storage.session.StorageSession;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.h2.command.CommandContainer;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.dml.DataChangeStatement;
import org.h2.command.query.Query;
import org.h2.engine.DbObject;
import org.h2.engine.SessionLocal;
import org.h2.message.Trace;
import org.h2.result.BatchResult;
import org.h2.result.ResultInterface;
import org.h2.result.ResultWithGeneratedKeys;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Which statements of a database the engine runs itself: those that read or change rows or commit them, while nobody
 * but the engine wants to hear of them. Thread-safe.
 */
public final class OwnCommands {
    private static final System.Logger LOG = System.getLogger(OwnCommands.class.getName());
    private static final boolean IS_POSSIBLE = isPossible();

    private final BooleanSupplier isHeardAlone;
    private final Consumer<SessionLocal> openCheck;
    private final Trace trace;
    private final WallClock clock;
    private volatile boolean on = true;

    /**
     * @param isHeardAlone does nobody but the engine want to hear of statements from H2?
     * @param openCheck fails a statement that has done its work if its session was closed meanwhile; H2 has undone it
     *     then
     * @param trace H2's, of commands
     * @param nanoTime the engine's clock
     */
    public OwnCommands(
            BooleanSupplier isHeardAlone, Consumer<SessionLocal> openCheck, Trace trace, LongSupplier nanoTime) {
        this.isHeardAlone = isHeardAlone;
        this.openCheck = openCheck;
        this.trace = trace;
        this.clock = new WallClock(nanoTime, Instant::now);
    }

    private static boolean isPossible() {
        try {
            CommandReflection.load();
            return true;
        } catch (LinkageError e) {
            LOG.log(System.Logger.Level.WARNING, "All statements run as H2 runs them, as with OWN_COMMAND=FALSE", e);
            return false;
        }
    }

    /** Off, all statements that begin from now on run H2's way; see OWN_COMMAND. */
    public void setOn(boolean isOn) {
        on = isOn;
    }

    /** What runs in the place of a command that H2 has just read: one of ours, or the command itself. */
    public CommandContainer of(StorageSession session, CommandContainer read, String text) {
        if (!IS_POSSIBLE || read.getClass() != CommandContainer.class) {
            return read;
        }
        Prepared prepared = CommandReflection.prepared(read);
        return prepared instanceof Query
                        || prepared instanceof DataChangeStatement
                        || prepared.getType() == CommandInterface.COMMIT
                ? new OwnCommand(this, session, prepared, text)
                : new Seen(session, text, prepared);
    }

    /**
     * H2 runs it, and it may read: H2 itself does not find all that it reads, and takes no snapshot of that. It may
     * have to give way as well, and H2 tells its client only that it was cancelled.
     */
    private static final class Seen extends CommandContainer {
        private final StorageSession own;

        Seen(StorageSession own, String text, Prepared prepared) {
            super(own.h2(), text, prepared);
            this.own = own;
        }

        @Override
        public ResultInterface query(long maxRows) {
            try {
                return Course.withoutYoung(this, own, () -> {
                    Runnable check = Course.renew(this, own);
                    return Course.checked(own, () -> super.query(maxRows), check);
                });
            } catch (Throwable e) {
                Verdicts.tell(own, e);
                throw e;
            }
        }

        @Override
        public ResultWithGeneratedKeys update(@Nullable Object keys) {
            try {
                Course.renew(this, own);
                return super.update(keys);
            } catch (Throwable e) {
                Verdicts.tell(own, e);
                throw e;
            }
        }

        @Override
        public ResultInterface executeQuery(long maxRows, int fetchSize, boolean scrollable) {
            ResultInterface result = super.executeQuery(maxRows, fetchSize, scrollable);
            own.acknowledge();
            return result;
        }

        @Override
        public ResultWithGeneratedKeys executeUpdate(@Nullable Object keys) {
            ResultWithGeneratedKeys result = super.executeUpdate(keys);
            own.acknowledge();
            return result;
        }

        @Override
        public BatchResult executeBatchUpdate(ArrayList<Value[]> rows, @Nullable Object keys) {
            BatchResult result = super.executeBatchUpdate(rows, keys);
            own.acknowledge();
            return result;
        }

        @Override
        public Set<DbObject> getDependencies() {
            Dependencies.snapshotNext(own);
            return Dependencies.of(CommandReflection.prepared(this)).all();
        }
    }

    WallClock clock() {
        return clock;
    }

    /** A statement has done its work. */
    void checkOpen(SessionLocal session) {
        openCheck.accept(session);
    }

    /** Does the engine run the statement that this session is given now? Then nobody else hears of it. */
    public boolean areOn(SessionLocal session) {
        return on
                && isHeardAlone.getAsBoolean()
                && !trace.isInfoEnabled()
                && !session.getTrace().isInfoEnabled();
    }
}
