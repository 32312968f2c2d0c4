package io.mortise.engine.storage.session;

import io.mortise.engine.lock.WaitEnd;
import io.mortise.engine.lock.WaitEnding;
import io.mortise.engine.storage.count.BatchRows;
import io.mortise.engine.storage.definition.Reading;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.sequence.WrittenNumbers;
import io.mortise.engine.storage.slot.LookingMutex;
import java.util.Optional;
import org.h2.command.Command;
import org.h2.command.CommandContainer;
import org.h2.engine.SessionLocal;
import org.jspecify.annotations.Nullable;

/** The parts of a client's session that H2 uses in the place of its own. Stateless. */
final class Fittings {
    private Fittings() {}

    static void into(StorageSession session) {
        SessionLocal h2 = session.h2();
        BatchRows batch = session.statements().batch();
        if (LookingMutex.into(h2, session.storage().transactions().ofStore(), batch::over)) {
            batch.hearOfLeaving();
        }
        Reading.into(h2, new OfSession(session));
        WrittenNumbers.into(h2, session.storage().clock());
    }

    /** Ours of this H2 session, from its arrival on, and when it has closed too; null of one that has not arrived. */
    static @Nullable StorageSession of(SessionLocal h2) {
        return Reading.groundOf(h2) instanceof OfSession known ? known.session : null;
    }

    private record OfSession(StorageSession session) implements Reading.Ground {
        @Override
        public void checkMayRead(String text) {
            session.waits().checkMayRead(text);
        }

        @Override
        public void lockedAhead() {
            if (!session.serial().isHeldOpen()) { // Else H2 refuses the commit, and the transaction goes on.
                session.transactionLocks().commitsAhead();
            }
        }

        @Override
        public CommandContainer placed(CommandContainer read, String text) {
            return session.storage().placed(session, read, text);
        }

        @Override
        public void acknowledge() {
            session.acknowledge();
        }

        @Override
        public boolean awaitDefinition() {
            return !session.isSystem()
                    && session.transactionLocks()
                            .definitionWait()
                            .forAMoment(session.h2().getLockTimeout());
        }

        @Override
        public int departures() {
            return LockableTable.departures(session.storage());
        }

        /** Another session may close it in the middle of its statement: that is to end first. */
        @Override
        public void closes() {
            // Who shuts the database down, or wants it for himself, has waited for the others, and others wait for him.
            if (!session.storage().isEnding()
                    && !Thread.holdsLock(session.storage().database())) {
                LookingMutex.enterToClose(session.h2(), this::stop);
            }
        }

        private void stop() {
            int killer = H2Reflection.threadSession() instanceof SessionLocal by ? by.getId() : 0;
            if (!session.locks().endWait(session.id(), new WaitEnding(WaitEnd.SESSION_CLOSED, killer))) {
                Optional.ofNullable(session.h2().getCurrentCommand()).ifPresent(Command::cancel);
            }
        }
    }
}
