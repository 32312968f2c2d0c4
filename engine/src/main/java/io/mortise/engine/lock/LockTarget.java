package io.mortise.engine.lock;

import io.mortise.engine.lock.LockRow.EdgeKind;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is locked. Immutable; equal targets are the same target. Ids are storage's.
 *
 * <p>Tables, rows and their keys compare themselves by hand: what a record is given for it goes through method handles,
 * and these are looked up several times a lock.
 *
 * <p>Keys and names are the client's, who may choose them so that their usual hashes are all the same. So the hash of a
 * row is mixed with a number that nobody outside knows, and texts can be ordered. A hash table then finds one among
 * many of one hash without looking at all of them.
 */
public sealed interface LockTarget {
    /** The target whose lock announces locks on this one; empty where there is none. */
    default Optional<LockTarget> parent() {
        return Optional.empty();
    }

    /** Its parent and that one's, the outermost first. */
    default List<LockTarget> above() {
        List<LockTarget> topDown = new ArrayList<>(3);
        Optional<LockTarget> parent = parent();
        while (parent.isPresent()) {
            topDown.add(0, parent.get());
            parent = parent.get().parent();
        }
        return topDown;
    }

    /**
     * Does something else than the lock table decide who has it? Rows and keys are locked by the row version in
     * storage, the statement slot by its gate, and a transaction has itself. The lock table enters such a lock only
     * when somebody waits for it.
     */
    default boolean isInStorage() {
        return false;
    }

    /** Why somebody who has it is in the way of others. */
    default EdgeKind edge() {
        return EdgeKind.HOLDS;
    }

    /** The table that this is, or is a part of; empty for what is above tables, or beside them. */
    default Optional<Table> inTable() {
        return parent().flatMap(LockTarget::inTable);
    }

    /** Everybody: locked exclusively by LOCK SYSTEM, announced by every session. */
    record System() implements LockTarget {}

    record Database() implements LockTarget {
        @Override
        public Optional<LockTarget> parent() {
            return Optional.of(new System());
        }
    }

    record Schema(int id) implements LockTarget {
        @Override
        public Optional<LockTarget> parent() {
            return Optional.of(new Database());
        }
    }

    record Table(int schema, int id) implements LockTarget {
        /** Different in each process, so that keys which a client has made to collide do so no more than others. */
        private static final long SECRET = new SecureRandom().nextLong();

        private static final long ODD = new SecureRandom().nextLong() | 1;

        /** The hash of a row of this table. */
        int hash(long key) {
            long mixed = (key ^ SECRET) * ODD;
            mixed = (mixed ^ mixed >>> 32) * ODD;
            return (int) (mixed >>> 32) + hashCode();
        }

        @Override
        public Optional<LockTarget> parent() {
            return Optional.of(new Schema(schema));
        }

        @Override
        public Optional<Table> inTable() {
            return Optional.of(this);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Table table && table.id == id && table.schema == schema;
        }

        @Override
        public int hashCode() {
            return 31 * schema + id;
        }
    }

    /** One of the two halves into which the {@code sqream} policy divides a table. */
    record Facet(Table table, Half half) implements LockTarget {
        /** Inserting into a table, and changing what is in it. */
        public enum Half {
            INSERT,
            UPDATE
        }

        @Override
        public Optional<Table> inTable() {
            return Optional.of(table);
        }
    }

    /** SQream's {@code globalpermission$}: the right to change the catalogue. */
    record GlobalPermission() implements LockTarget {}

    record Row(Table table, long key) implements LockTarget {
        @Override
        public Optional<LockTarget> parent() {
            return Optional.of(table);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Row row && row.key == key && row.table.equals(table);
        }

        @Override
        public int hashCode() {
            return table.hash(key);
        }

        @Override
        public boolean isInStorage() {
            return true;
        }
    }

    /** The unique keys of a row, all of them: what a child, and FOR KEY SHARE, needs to stay as it is. */
    record RowKey(Table table, long key) implements LockTarget {
        @Override
        public Optional<LockTarget> parent() {
            return Optional.of(table);
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof RowKey rowKey && rowKey.key == key && rowKey.table.equals(table);
        }

        @Override
        public int hashCode() {
            return table.hash(key);
        }
    }

    /**
     * A value of a unique key that an open transaction has written.
     *
     * @param index storage's id of the index
     * @param values the key's values as text, {@code A=1, B='x'}
     */
    record UniqueKey(Table table, int index, String values) implements LockTarget, Comparable<UniqueKey> {
        @Override
        public int compareTo(UniqueKey other) {
            return values.compareTo(other.values);
        }

        @Override
        public Optional<LockTarget> parent() {
            return Optional.of(table);
        }

        @Override
        public boolean isInStorage() {
            return true;
        }
    }

    /** A name that an application locks for purposes of its own. */
    record Name(String name) implements LockTarget, Comparable<Name> {
        @Override
        public int compareTo(Name other) {
            return name.compareTo(other.name);
        }
    }

    /** The one statement slot of a session. */
    record StatementSlot(int session) implements LockTarget {
        @Override
        public boolean isInStorage() {
            return true;
        }

        @Override
        public EdgeKind edge() {
            return EdgeKind.STATEMENT_SLOT;
        }
    }

    /** A transaction, which has itself to its end. A snapshot may be known to be safe only then. */
    record Transaction(OwnerId id) implements LockTarget {
        @Override
        public boolean isInStorage() {
            return true;
        }

        @Override
        public EdgeKind edge() {
            return EdgeKind.SAFE_SNAPSHOT;
        }

        @Override
        public String toString() {
            return "transaction " + id.transaction();
        }
    }
}
