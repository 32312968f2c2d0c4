package io.mortise.postgres.table;

import io.mortise.engine.virtual.VirtualTable;
import java.util.Set;

/**
 * A client's text, read. Immutable.
 *
 * @param text what the server is to run
 * @param tables those of ours that it reads
 */
public record Reading(String text, Set<VirtualTable<?>> tables) {}
