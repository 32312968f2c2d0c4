package io.mortise.engine.storage.h2;

import java.util.HashSet;
import java.util.function.Consumer;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;

/**
 * H2's own set of the sessions that clients have, which tells us who comes and who goes: H2 has no other word for it.
 * Used by H2 as it used the one before, behind its own mutex.
 */
public final class SessionRoll extends HashSet<SessionLocal> {
    private static final long serialVersionUID = 1;

    private final transient Consumer<SessionLocal> arrival;
    private final transient Consumer<SessionLocal> departure;

    /** @param arrival may refuse a session by throwing its client's error */
    public SessionRoll(Consumer<SessionLocal> arrival, Consumer<SessionLocal> departure) {
        this.arrival = arrival;
        this.departure = departure;
    }

    @Override
    public boolean add(SessionLocal session) {
        boolean isNew = super.add(session);
        try {
            arrival.accept(session);
        } catch (DbException refused) {
            remove(session);
            throw refused;
        }
        return isNew;
    }

    @Override
    public boolean remove(Object session) {
        boolean was = super.remove(session);
        if (was) {
            departure.accept((SessionLocal) session);
        }
        return was;
    }
}
