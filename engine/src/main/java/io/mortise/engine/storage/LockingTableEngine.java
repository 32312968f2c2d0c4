package io.mortise.engine.storage;

import io.mortise.engine.storage.table.LockingTable;
import org.h2.api.TableEngine;
import org.h2.command.ddl.CreateTableData;
import org.h2.table.Table;

/**
 * Makes the tables of a database that the engine has opened: H2 asks it for every one, its own meta table first. Named
 * in the URL and never in the file, so that plain H2 opens the file too. Thread-safe.
 */
public final class LockingTableEngine implements TableEngine {
    /** The H2 setting that names this class. */
    static final String SETTING = "DEFAULT_TABLE_ENGINE";

    @Override
    public Table createTable(CreateTableData data) {
        Storage storage = Storage.of(data.schema.getDatabase());
        LockingTable table = new LockingTable(data, storage);
        table.created(data.session);
        return table;
    }
}
