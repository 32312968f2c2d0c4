package io.mortise.engine.storage.h2;

import io.mortise.engine.backend.StatementMarks;
import io.mortise.engine.journal.TransactionEntry;
import io.mortise.engine.policy.Isolation;
import io.mortise.engine.policy.Situation;
import io.mortise.engine.policy.StatementKind;
import java.util.regex.Pattern;
import org.h2.command.Command;
import org.h2.command.CommandInterface;
import org.h2.command.Prepared;
import org.h2.command.dml.Explain;
import org.h2.command.dml.Insert;
import org.h2.command.query.Query;
import org.h2.engine.IsolationLevel;
import org.h2.engine.SessionLocal;

/** What a statement is to a lock policy, by H2's numbering of statements. Stateless. */
public final class StatementKinds {
    private static final int MOST = 128;
    /** A FOR UPDATE that means it: of a text with several kinds the strongest counts for all rows. */
    private static final Pattern FOR_UPDATE =
            Pattern.compile("\\bFOR\\s+UPDATE\\b(?! /\\*\\+ (?:KEY )?SHARE)", Pattern.CASE_INSENSITIVE);

    private static final Pattern ON_DUPLICATE = Pattern.compile("\\bON\\s+DUPLICATE\\b", Pattern.CASE_INSENSITIVE);

    private static final StatementKind[] KINDS = new StatementKind[MOST];
    private static final Isolation[] ISOLATIONS = new Isolation[IsolationLevel.values().length];

    static {
        for (int type = 0; type < MOST; type++) {
            KINDS[type] = kind(type);
        }
        for (IsolationLevel level : IsolationLevel.values()) {
            ISOLATIONS[level.ordinal()] = Isolation.valueOf(level.name());
        }
    }

    private StatementKinds() {}

    public static StatementKind of(int type) {
        return type >= 0 && type < MOST ? KINDS[type] : StatementKind.OTHER;
    }

    /** The same of a statement that is about to run; knows a query that locks its rows from one that does not. */
    public static StatementKind of(Command command) {
        StatementKind kind = of(command.getCommandType());
        boolean mayLockRows = kind == StatementKind.SELECT || kind == StatementKind.OTHER;
        return mayLockRows ? of(H2Reflection.prepared(command), kind) : kind;
    }

    /** The same of a statement that has been read. */
    public static StatementKind of(Prepared prepared) {
        return of(prepared, of(prepared.getType()));
    }

    private static StatementKind of(Prepared prepared, StatementKind kind) {
        Prepared read = prepared instanceof Explain explain ? explain.getCommand() : prepared;
        if (!(read instanceof Query query) || query.getForUpdate() == null) {
            return kind;
        }
        String sql = prepared.getSQL();
        boolean shares = sql.contains(StatementMarks.SHARE);
        if (!shares && !sql.contains(StatementMarks.KEY_SHARE)
                || FOR_UPDATE.matcher(sql).find()) {
            return StatementKind.SELECT_FOR_UPDATE;
        }
        return shares ? StatementKind.SELECT_FOR_SHARE : StatementKind.SELECT_FOR_KEY_SHARE;
    }

    /** The circumstances of a statement, for the policy. */
    public static Situation situation(StatementKind kind, SessionLocal session) {
        return Situation.of(
                kind,
                ISOLATIONS[session.getIsolationLevel().ordinal()],
                session.getAutoCommit() ? Situation.Mode.AUTOCOMMIT : Situation.Mode.TRANSACTION);
    }

    /** Does it change the catalogue? H2 commits before and after it, and in some of them in the middle. */
    public static boolean isDefinition(int type) {
        StatementKind kind = of(type);
        return kind == StatementKind.TABLE_DDL
                || kind == StatementKind.SCHEMA_DDL
                || kind == StatementKind.RIGHTS
                || kind == StatementKind.TRUNCATE;
    }

    /** Is what it does there to stay, although H2 does not commit before and after it? */
    public static boolean isForGood(int type) {
        return isDefinition(type)
                || type >= CommandInterface.SET_AUTOCOMMIT_TRUE && type <= CommandInterface.ROLLBACK
                || type >= CommandInterface.PREPARE_COMMIT && type <= CommandInterface.ROLLBACK_TRANSACTION;
    }

    /** Does it only read or change rows, so that nothing of it is left when its session is closed while it runs? */
    public static boolean isUndoneByItsSession(int type) {
        return switch (of(type)) {
            case SELECT, SELECT_FOR_UPDATE, SELECT_FOR_SHARE, SELECT_FOR_KEY_SHARE, INSERT, UPDATE, DELETE, MERGE ->
                true;
            default -> false;
        };
    }

    /** Does it make a copy of a table and put that in the table's place? */
    public static boolean isCopying(int type) {
        return switch (type) {
            case CommandInterface.ALTER_TABLE_ADD_COLUMN,
                    CommandInterface.ALTER_TABLE_ALTER_COLUMN_CHANGE_TYPE,
                    CommandInterface.ALTER_TABLE_DROP_COLUMN -> true;
            default -> false;
        };
    }

    /** Does it read or change rows, or end a transaction, and nothing else? It has no business with the catalogue. */
    public static boolean isAboutRowsOnly(int type) {
        return isUndoneByItsSession(type)
                || type >= CommandInterface.SET_AUTOCOMMIT_TRUE && type <= CommandInterface.SHUTDOWN_DEFRAG;
    }

    /** Does it insert only what it does not see, and something else otherwise? One that holds another may. */
    public static boolean insertsWhatItDoesNotSee(Prepared prepared) {
        return changesWhatItDoesNotInsert(prepared)
                || prepared instanceof Insert insert && H2Reflection.isIgnoringDuplicates(insert);
    }

    /** Does it even need to see a row that is there, to change it? ON CONFLICT DO NOTHING does not. */
    public static boolean changesWhatItDoesNotInsert(Prepared prepared) {
        return of(prepared.getType()) == StatementKind.MERGE || mayHoldAnother(prepared) || updatesDuplicates(prepared);
    }

    /**
     * Does it run an UPDATE of the row that it finds in its way? Of one that may hold another the text has to say so.
     */
    public static boolean updatesDuplicates(Prepared prepared) {
        // H2 keeps no plan of an INSERT that has ON DUPLICATE KEY UPDATE.
        return prepared instanceof Insert insert && !insert.isCacheable()
                || mayHoldAnother(prepared)
                        && ON_DUPLICATE.matcher(prepared.getSQL()).find();
    }

    /** Can it run a statement inside itself that is none to H2's Command? FINAL TABLE and EXECUTE do. */
    public static boolean mayHoldAnother(Prepared prepared) {
        return switch (prepared.getType()) {
            case CommandInterface.SELECT,
                    CommandInterface.CALL,
                    CommandInterface.EXECUTE,
                    CommandInterface.EXECUTE_IMMEDIATELY -> true;
            default -> false;
        };
    }

    /**
     * Does it neither commit nor prepare what is open? A definition does, later: it may yet be refused. SHUTDOWN
     * commits before H2 asks for the right; SHUTDOWN IMMEDIATELY commits nothing.
     */
    public static boolean keepsTransaction(int type) {
        return type != CommandInterface.COMMIT
                && type != CommandInterface.SET_AUTOCOMMIT_TRUE
                && type != CommandInterface.PREPARE_COMMIT
                && (type == CommandInterface.SHUTDOWN_IMMEDIATELY || !isShutdown(type));
    }

    /** Does it end the transaction, if H2 lets it? A definition does, before it begins, and is not meant here. */
    public static boolean endsTransaction(int type) {
        return type == CommandInterface.COMMIT
                || type == CommandInterface.ROLLBACK
                || type == CommandInterface.SET_AUTOCOMMIT_TRUE
                || isBranchEnd(type)
                || isShutdown(type);
    }

    /** Does it close the database? */
    public static boolean isShutdown(int type) {
        return switch (type) {
            case CommandInterface.SHUTDOWN,
                    CommandInterface.SHUTDOWN_IMMEDIATELY,
                    CommandInterface.SHUTDOWN_COMPACT,
                    CommandInterface.SHUTDOWN_DEFRAG -> true;
            default -> false;
        };
    }

    /** Does it end a transaction that another session, or a crash, has left prepared? */
    public static boolean isBranchEnd(int type) {
        return type == CommandInterface.COMMIT_TRANSACTION || type == CommandInterface.ROLLBACK_TRANSACTION;
    }

    /** What becomes of a branch that this ends. */
    public static TransactionEntry.State howItEnds(int branchEnd) {
        return branchEnd == CommandInterface.COMMIT_TRANSACTION
                ? TransactionEntry.State.COMMITTED
                : TransactionEntry.State.ROLLED_BACK;
    }

    /** Is what was there before it in the file when it returns, whatever WRITE_DELAY says? */
    public static boolean isWritten(int type) {
        return type == CommandInterface.CHECKPOINT
                || type == CommandInterface.CHECKPOINT_SYNC
                || type == CommandInterface.PREPARE_COMMIT
                || isBranchEnd(type);
    }

    private static StatementKind kind(int type) {
        return switch (type) {
            case CommandInterface.SELECT, CommandInterface.CALL -> StatementKind.SELECT;
            case CommandInterface.INSERT -> StatementKind.INSERT;
            case CommandInterface.UPDATE -> StatementKind.UPDATE;
            case CommandInterface.DELETE -> StatementKind.DELETE;
            case CommandInterface.MERGE, CommandInterface.REPLACE -> StatementKind.MERGE;
            case CommandInterface.TRUNCATE_TABLE -> StatementKind.TRUNCATE;
            case CommandInterface.CREATE_SCHEMA,
                    CommandInterface.DROP_SCHEMA,
                    CommandInterface.ALTER_SCHEMA_RENAME,
                    CommandInterface.DROP_ALL_OBJECTS -> StatementKind.SCHEMA_DDL;
            case CommandInterface.CREATE_USER,
                    CommandInterface.ALTER_USER_ADMIN,
                    CommandInterface.ALTER_USER_RENAME,
                    CommandInterface.ALTER_USER_SET_PASSWORD,
                    CommandInterface.DROP_USER,
                    CommandInterface.CREATE_ROLE,
                    CommandInterface.DROP_ROLE,
                    CommandInterface.GRANT,
                    CommandInterface.REVOKE -> StatementKind.RIGHTS;
            default -> isTableDefinition(type) ? StatementKind.TABLE_DDL : StatementKind.OTHER;
        };
    }

    private static boolean isTableDefinition(int type) {
        return type >= CommandInterface.ALTER_INDEX_RENAME && type <= CommandInterface.ALTER_VIEW
                || type >= CommandInterface.CREATE_AGGREGATE && type <= CommandInterface.CREATE_VIEW
                || type >= CommandInterface.DROP_AGGREGATE && type <= CommandInterface.DROP_VIEW
                || type == CommandInterface.COMMENT
                || type >= CommandInterface.ALTER_SEQUENCE
                        && type <= CommandInterface.ALTER_TABLE_SET_REFERENTIAL_INTEGRITY
                || type >= CommandInterface.ALTER_TABLE_RENAME_CONSTRAINT && isLaterDefinition(type);
    }

    // H2 numbers what came later after everything else.
    private static boolean isLaterDefinition(int type) {
        return type != CommandInterface.EXPLAIN_ANALYZE
                && type != CommandInterface.EXECUTE_IMMEDIATELY
                && type != CommandInterface.HELP;
    }
}
