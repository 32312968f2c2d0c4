package io.mortise.engine.storage.h2;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.net.ServerSocket;
import java.net.Socket;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.h2.api.DatabaseEventListener;
import org.h2.command.Command;
import org.h2.command.CommandContainer;
import org.h2.command.Prepared;
import org.h2.command.ddl.AlterSchemaRename;
import org.h2.command.ddl.AlterTable;
import org.h2.command.ddl.CreateTable;
import org.h2.command.ddl.CreateTableData;
import org.h2.command.ddl.DropIndex;
import org.h2.command.ddl.DropSchema;
import org.h2.command.ddl.SchemaCommand;
import org.h2.command.dml.Insert;
import org.h2.command.dml.SetClauseList;
import org.h2.command.dml.Update;
import org.h2.command.query.Query;
import org.h2.engine.Database;
import org.h2.engine.Session;
import org.h2.engine.SessionLocal;
import org.h2.engine.SessionRemote;
import org.h2.engine.User;
import org.h2.index.Index;
import org.h2.index.IndexCondition;
import org.h2.index.MetaIndex;
import org.h2.mvstore.db.MVTable;
import org.h2.mvstore.db.Store;
import org.h2.mvstore.tx.Transaction;
import org.h2.schema.FunctionAlias;
import org.h2.schema.Schema;
import org.h2.server.TcpServer;
import org.h2.table.MetaTable;
import org.h2.table.Table;
import org.h2.table.TableFilter;
import org.h2.value.Transfer;
import org.jspecify.annotations.Nullable;

/**
 * Every access to what H2 keeps to itself, and why it is needed; {@code H2ContractTest} has a test for each. Stateless.
 *
 * <p>H2 is pinned to one exact version. Each handle is looked up once, when the engine loads: an H2 that is another one
 * after all fails there, before anything is touched.
 */
public final class H2Reflection {

    private static final String WAS_MADE_ACCESSIBLE = "made accessible when the class was loaded";
    private static final VarHandle SESSION_TRANSACTION;
    private static final VarHandle SESSION_USER;
    private static final VarHandle SESSION_MUTEX;
    private static final MethodHandle THREAD_SESSION;
    private static final VarHandle DATABASE_LISTENER;
    private static final VarHandle STORE_TABLES;
    private static final VarHandle COMMAND_CANCEL;
    private static final Field DATABASE_SESSIONS;
    private static final VarHandle UPDATE_CLAUSES;
    private static final VarHandle CLAUSE_ACTIONS;
    private static final VarHandle INSERT_IGNORES;
    private static final VarHandle ALTERED_TABLE;
    private static final VarHandle DROPPED_INDEX;
    private static final VarHandle INDEX_CONDITIONS;
    private static final Class<?> COMMAND_LIST;
    private static final VarHandle LIST_FIRST;
    private static final VarHandle CONTAINER_PREPARED;
    private static final VarHandle CREATE_TABLE_DATA;
    private static final VarHandle CREATE_TABLE_QUERY;
    private static final MethodHandle COMMAND_SCHEMA;
    private static final VarHandle DROP_SCHEMA_NAME;
    private static final VarHandle RENAMED_SCHEMA;
    private static final VarHandle ALIAS_METHODS;
    private static final VarHandle META_SCAN;
    private static final MethodHandle JAVA_METHOD;
    private static final VarHandle SERVER_SOCKET;
    private static final VarHandle SERVER_PORT;
    private static final MethodHandle SERVER_ROLL;
    private static final VarHandle REMOTE_TRANSFERS;
    private static final VarHandle REMOTE_RECONNECTS;

    static {
        try {
            MethodHandles.Lookup sessions = in(SessionLocal.class);
            SESSION_TRANSACTION = sessions.findVarHandle(SessionLocal.class, "transaction", Transaction.class);
            SESSION_USER = sessions.findVarHandle(SessionLocal.class, "user", User.class);
            THREAD_SESSION = sessions.findStatic(
                    SessionLocal.class, "getThreadLocalSession", MethodType.methodType(Session.class));
            SESSION_MUTEX = in(Session.class).findVarHandle(Session.class, "lock", ReentrantLock.class);
            DATABASE_LISTENER =
                    in(Database.class).findVarHandle(Database.class, "eventListener", DatabaseEventListener.class);
            STORE_TABLES = in(Store.class).findVarHandle(Store.class, "tableMap", ConcurrentHashMap.class);
            COMMAND_CANCEL = in(Command.class).findVarHandle(Command.class, "cancel", boolean.class);
            DATABASE_SESSIONS = writable(Database.class, "userSessions");
            UPDATE_CLAUSES = in(Update.class).findVarHandle(Update.class, "setClauseList", SetClauseList.class);
            Class<?> actions = Class.forName("[Lorg.h2.command.dml.SetClauseList$UpdateAction;");
            CLAUSE_ACTIONS = in(SetClauseList.class).findVarHandle(SetClauseList.class, "actions", actions);
            INSERT_IGNORES = in(Insert.class).findVarHandle(Insert.class, "ignore", boolean.class);
            ALTERED_TABLE = in(AlterTable.class).findVarHandle(AlterTable.class, "tableName", String.class);
            DROPPED_INDEX = in(DropIndex.class).findVarHandle(DropIndex.class, "indexName", String.class);
            INDEX_CONDITIONS =
                    in(TableFilter.class).findVarHandle(TableFilter.class, "indexConditions", ArrayList.class);
            COMMAND_LIST = Class.forName("org.h2.command.CommandList");
            LIST_FIRST = in(COMMAND_LIST).findVarHandle(COMMAND_LIST, "command", CommandContainer.class);
            CONTAINER_PREPARED =
                    in(CommandContainer.class).findVarHandle(CommandContainer.class, "prepared", Prepared.class);
            CREATE_TABLE_DATA = in(CreateTable.class).findVarHandle(CreateTable.class, "data", CreateTableData.class);
            CREATE_TABLE_QUERY = in(CreateTable.class).findVarHandle(CreateTable.class, "asQuery", Query.class);
            DROP_SCHEMA_NAME = in(DropSchema.class).findVarHandle(DropSchema.class, "schemaName", String.class);
            RENAMED_SCHEMA =
                    in(AlterSchemaRename.class).findVarHandle(AlterSchemaRename.class, "oldSchema", Schema.class);
            COMMAND_SCHEMA = in(SchemaCommand.class)
                    .findVirtual(SchemaCommand.class, "getSchema", MethodType.methodType(Schema.class));
            META_SCAN = in(MetaTable.class).findVarHandle(MetaTable.class, "scanIndex", MetaIndex.class);
            ALIAS_METHODS = in(FunctionAlias.class)
                    .findVarHandle(FunctionAlias.class, "javaMethods", FunctionAlias.JavaMethod[].class);
            JAVA_METHOD = in(FunctionAlias.JavaMethod.class)
                    .findConstructor(
                            FunctionAlias.JavaMethod.class, MethodType.methodType(void.class, Method.class, int.class));
            MethodHandles.Lookup servers = in(TcpServer.class);
            SERVER_SOCKET = servers.findVarHandle(TcpServer.class, "serverSocket", ServerSocket.class);
            SERVER_PORT = servers.findVarHandle(TcpServer.class, "port", int.class);
            SERVER_ROLL = servers.findVirtual(TcpServer.class, "initManagementDb", MethodType.methodType(void.class));
            MethodHandles.Lookup remotes = in(SessionRemote.class);
            REMOTE_TRANSFERS = remotes.findVarHandle(SessionRemote.class, "transferList", ArrayList.class);
            REMOTE_RECONNECTS = remotes.findVarHandle(SessionRemote.class, "autoReconnect", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("This is not the H2 that the engine was made for", e);
        }
    }

    private H2Reflection() {}

    // A final field of an ordinary class can be written through Field, and only so.
    static Field writable(Class<?> type, String name) throws NoSuchFieldException {
        Field field = type.getDeclaredField(name);
        field.setAccessible(true);
        return field;
    }

    /** What a field that {@link #writable} has found holds. */
    static Object read(Field field, Object of) {
        try {
            return field.get(of);
        } catch (IllegalAccessException e) {
            throw new AssertionError(WAS_MADE_ACCESSIBLE, e);
        }
    }

    static void write(Field field, Object of, Object value) {
        try {
            field.set(of, value);
        } catch (IllegalAccessException e) {
            throw new AssertionError(WAS_MADE_ACCESSIBLE, e);
        }
    }

    /** Sees all that the type keeps to itself. */
    public static MethodHandles.Lookup in(Class<?> type) throws IllegalAccessException {
        return MethodHandles.privateLookupIn(type, MethodHandles.lookup());
    }

    /** The session's transaction if one is open or has just been committed; asking H2 itself would begin one. */
    public static @Nullable Transaction transaction(SessionLocal session) {
        return (Transaction) SESSION_TRANSACTION.get(session);
    }

    /** The session's transaction is over, and H2 has not told it: the next one that it asks for is another. */
    public static void forgetTransaction(SessionLocal session) {
        SESSION_TRANSACTION.set(session, null);
    }

    public static User user(SessionLocal session) {
        return (User) SESSION_USER.get(session);
    }

    /** From now on the rows of a system table come from here. */
    public static void setScan(MetaTable table, MetaIndex scan) {
        META_SCAN.set(table, scan);
        table.getIndexes().clear();
        table.getIndexes().add(scan);
    }

    /** Runs the rest of a statement as another user; see {@code CreateTableRight}. */
    public static void setUser(SessionLocal session, User user) {
        SESSION_USER.set(session, user);
    }

    /** The session whose statement the current thread runs, the innermost if statements nest. */
    public static @Nullable Session threadSession() {
        try {
            return (Session) THREAD_SESSION.invokeExact();
        } catch (Throwable e) {
            throw new AssertionError("a getter of H2 does not throw", e);
        }
    }

    /** How often the current thread is inside the session: once for each statement it runs, nested ones too. */
    public static int depth(SessionLocal session) {
        return ((ReentrantLock) SESSION_MUTEX.get((Session) session)).getHoldCount();
    }

    public static @Nullable DatabaseEventListener listener(Database database) {
        return (DatabaseEventListener) DATABASE_LISTENER.get(database);
    }

    /** Enters a table where Store.createTable enters its own: roll-back triggers and LOB clean-up look there. */
    @SuppressWarnings("unchecked")
    public static void enterTable(Store store, MVTable table) {
        ((ConcurrentHashMap<String, MVTable>) STORE_TABLES.get(store)).put(table.getMapName(), table);
    }

    /** Has Statement.cancel been called for this command? Does not take the mark away, as H2's own question does. */
    public static boolean isCancelled(Command command) {
        return (boolean) COMMAND_CANCEL.getVolatile(command);
    }

    /** Takes that mark away, lest it hits the next execution of the same command. */
    public static void forgetCancel(Command command) {
        if ((boolean) COMMAND_CANCEL.getVolatile(command)) {
            COMMAND_CANCEL.setVolatile(command, false);
        }
    }

    /**
     * What a CREATE TABLE that is about to run will make.
     *
     * @param engine the table engine that it names, or was made with when it ran before
     * @param query of CREATE TABLE AS
     * @param isPrivate is the table a local temporary one?
     */
    public record TableDraft(
            @Nullable String engine, @Nullable Query query, boolean isPrivate, Schema schema) {}

    public static TableDraft tableDraft(Command command) {
        CreateTable create = (CreateTable) prepared(command);
        CreateTableData data = (CreateTableData) CREATE_TABLE_DATA.get(create);
        return new TableDraft(
                data.tableEngine,
                (Query) CREATE_TABLE_QUERY.get(create),
                data.temporary && !data.globalTemporary,
                schema(create));
    }

    /** The conditions with which H2 looks into the index that it has chosen for a table. */
    @SuppressWarnings("unchecked")
    public static List<IndexCondition> indexConditions(TableFilter filter) {
        return (List<IndexCondition>) INDEX_CONDITIONS.get(filter);
    }

    /** What a command runs; of a list of statements, the first: the others get commands of their own. */
    public static Prepared prepared(Command command) {
        return (Prepared) CONTAINER_PREPARED.get(container(command));
    }

    /** Where H2 keeps that. */
    public static CommandContainer container(Command command) {
        return (CommandContainer) (COMMAND_LIST.isInstance(command) ? LIST_FIRST.get(command) : command);
    }

    /** The schema that a statement is about to drop or rename; null if it does nothing of the kind. */
    public static @Nullable Schema changedSchema(Database database, Command command) {
        Prepared prepared = prepared(command);
        if (prepared instanceof DropSchema drop) {
            return database.findSchema((String) DROP_SCHEMA_NAME.get(drop));
        }
        return prepared instanceof AlterSchemaRename rename ? (Schema) RENAMED_SCHEMA.get(rename) : null;
    }

    /** The table that a statement is about to alter, or whose index it drops; empty if it is not there, or none is. */
    public static Optional<Table> alteredTable(SessionLocal session, Prepared prepared) {
        if (prepared instanceof AlterTable alter) {
            return Optional.ofNullable(schema(alter).findTableOrView(session, (String) ALTERED_TABLE.get(alter)));
        }
        return prepared instanceof DropIndex drop
                ? Optional.ofNullable(schema(drop).findIndex(session, (String) DROPPED_INDEX.get(drop)))
                        .map(Index::getTable)
                : Optional.empty();
    }

    /** Does an UPDATE set this column of its table, whatever to? */
    public static boolean sets(Update update, int column) {
        Object[] actions = (Object[]) CLAUSE_ACTIONS.get((SetClauseList) UPDATE_CLAUSES.get(update));
        return actions[column] != null;
    }

    /** Does an INSERT leave out the rows whose keys are taken? */
    static boolean isIgnoringDuplicates(Insert insert) {
        return (boolean) INSERT_IGNORES.get(insert);
    }

    private static Schema schema(SchemaCommand command) {
        try {
            return (Schema) COMMAND_SCHEMA.invoke(command);
        } catch (Throwable e) {
            throw new AssertionError("a getter of H2 does not throw", e);
        }
    }

    /** Puts our roll of sessions in the place of the one that H2 has made, before the first has come. */
    public static void setSessions(Database database, SessionRoll roll) {
        if (!((Set<?>) read(DATABASE_SESSIONS, database)).isEmpty()) {
            throw new AssertionError("sessions have come before the first table");
        }
        write(DATABASE_SESSIONS, database, Collections.synchronizedSet(roll));
    }

    /** Gives a function the method that it calls; H2 itself could find only one that has a class name. */
    public static void setMethod(FunctionAlias alias, Method method) {
        try {
            FunctionAlias.JavaMethod[] methods = {(FunctionAlias.JavaMethod) JAVA_METHOD.invoke(method, 0)};
            ALIAS_METHODS.set(alias, methods);
        } catch (Throwable e) {
            throw new AssertionError("H2 looks at the parameters, nothing more", e);
        }
    }

    /** Starts a server on a socket that is bound already; H2's own way binds to all addresses or to one for the JVM. */
    public static void listenOn(TcpServer server, ServerSocket socket) throws SQLException {
        SERVER_SOCKET.set(server, socket);
        SERVER_PORT.set(server, socket.getLocalPort());
        try {
            SERVER_ROLL.invoke(server);
        } catch (SQLException e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("H2 makes a table of who is connected", e);
        }
    }

    /** Closes the sockets of a session of another process, for good: a thread that reads from one gets an error. */
    public static void cutOff(SessionRemote session) {
        REMOTE_RECONNECTS.setVolatile(session, false);
        for (Socket socket : sockets(session)) {
            try {
                socket.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Those by which a session of another process talks to it; none once it is closed. */
    public static List<Socket> sockets(SessionRemote session) {
        List<?> transfers = (List<?>) REMOTE_TRANSFERS.getVolatile(session);
        return Stream.ofNullable(transfers)
                .flatMap(all -> List.copyOf(all).stream())
                .flatMap(each -> Stream.ofNullable(((Transfer) each).getSocket()))
                .toList();
    }
}
