package io.mortise.engine.lock;

import io.mortise.engine.text.OneLine;

/**
 * What people call the things that are locked; storage knows. Thread-safe; answers without waiting for any lock, and
 * never fails: a target that is gone has its number and no name.
 */
public interface TargetNames {
    Name of(LockTarget target);

    /**
     * The names of one target. Immutable; text is empty and numbers are 0 where they do not apply.
     *
     * @param tableId what the messages call the table: {@code table 39}
     * @param key the row's primary key as text: {@code ID=42}, {@code A=1, B='x'}, {@code _ROWID_=7} without one; the
     *     values of a unique key; the name of an advisory lock; of a long one the beginning
     * @param rowHash a hash of that key; {@link #NO_ROW} for anything but a row
     */
    record Name(String schema, String table, int tableId, String key, int rowHash) {
        /** Kognitio's row hash of a lock on a whole table. */
        public static final int NO_ROW = Integer.MIN_VALUE;

        /** What stands for a key that the reader may not see. */
        private static final String HIDDEN = "hidden";

        /** The same for a reader who may not see the key: {@code PUBLIC.ACCOUNTS(hidden)}. */
        public Name withoutKey() {
            return new Name(schema, table, tableId, HIDDEN, NO_ROW);
        }

        /**
         * In one line: {@code PUBLIC.ACCOUNTS(ID=42)}, {@code PUBLIC.ACCOUNTS}, {@code PUBLIC}; a table without a name
         * shows its number.
         */
        public String text() {
            String owner = schema.isEmpty() ? "" : schema + (hasTable() ? "." : "");
            return OneLine.of(owner + (hasTable() ? tableText() : "") + (key.isEmpty() ? "" : "(" + key + ")"));
        }

        private boolean hasTable() {
            return !table.isEmpty() || tableId != 0;
        }

        private String tableText() {
            return table.isEmpty() ? "table " + tableId : table;
        }
    }
}
