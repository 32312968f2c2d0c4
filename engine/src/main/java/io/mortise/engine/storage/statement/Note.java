package io.mortise.engine.storage.statement;

/**
 * What somebody who serves statements keeps until the outermost of a session ends. To have the note is to have what was
 * noted under it; nobody else has.
 *
 * @param <T> what is noted
 */
public interface Note<T> {}
