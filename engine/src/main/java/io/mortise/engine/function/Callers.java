package io.mortise.engine.function;

import io.mortise.engine.storage.Storage;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualFunction;
import io.mortise.engine.virtual.VirtualTableFunction;

/** Finds the session whose statement calls a function, and hands it to the function. Immutable. */
final class Callers {
    private final Storage storage;

    Callers(Storage storage) {
        this.storage = storage;
    }

    VirtualFunction.Body handedTo(Caller.Body body) {
        return (reader, arguments) -> body.call(caller(reader), arguments);
    }

    <R> VirtualTableFunction.Body<R> handedToTable(Caller.TableBody<R> body) {
        return (reader, arguments) -> body.call(caller(reader), arguments);
    }

    private Caller caller(Reader reader) {
        return new Caller(
                reader,
                storage.session(reader.session())
                        .orElseThrow(() -> new AssertionError("a session that runs a statement is open")));
    }
}
