package io.mortise.engine.session.gate;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A reference that one thread at a time writes, at every statement, and all may read. Thread-safe. A write is seen by
 * who sees what its thread has written after it, such as its way out of the session. It is no fence: who has to see
 * what was written meanwhile needs a volatile field.
 */
public final class Handed<T> {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Handed.class, "value", Object.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile T value;

    /** @param first what it is until it is written */
    public Handed(T first) {
        this.value = first;
    }

    public T get() {
        return value;
    }

    /** @param next seen at the latest together with what this thread writes next that is a fence */
    public void set(T next) {
        if (value != next) { // Mostly it is the same, and the collector minds each write of a reference.
            VALUE.setRelease(this, next);
        }
    }
}
