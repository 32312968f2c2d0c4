package io.mortise.engine.storage.catalog;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.mortise.engine.storage.h2.H2Reflection;
import io.mortise.engine.storage.h2.RoutedErrors;
import io.mortise.engine.storage.h2.SqlTypes;
import io.mortise.engine.storage.session.OpenDatabase;
import io.mortise.engine.storage.session.StorageSession;
import io.mortise.engine.virtual.Reader;
import io.mortise.engine.virtual.VirtualFunction;
import io.mortise.engine.virtual.VirtualTable;
import io.mortise.engine.virtual.VirtualTableFunction;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Method;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.h2.api.ErrorCode;
import org.h2.engine.SessionLocal;
import org.h2.message.DbException;
import org.h2.schema.FunctionAlias;
import org.h2.schema.Schema;
import org.h2.tools.SimpleResultSet;
import org.h2.value.DataType;
import org.h2.value.TypeInfo;
import org.h2.value.Value;
import org.jspecify.annotations.Nullable;

/**
 * Makes functions that H2 can call. H2 calls static methods of Java, and a static method does not know under which name
 * it was called. So each function is a copy of one template class that has the function as its class data. Stateless.
 */
final class H2Functions {
    private H2Functions() {}

    /** A function as the template calls it. */
    interface Callable {
        String name();

        String description();

        /** The name of the template's method that returns what the function returns. */
        String method();

        @Nullable
        Object call(SessionLocal session, Value[] arguments) throws SQLException;

        /** What H2 asks before it calls a function that returns a table: the columns, and no row. */
        default @Nullable Object columns(SessionLocal session, Value[] arguments) throws SQLException {
            return call(session, arguments);
        }
    }

    /** Makes the alias under which H2 finds the function. */
    static FunctionAlias alias(Schema schema, int id, Callable function) {
        String name = schema.getDatabase().sysIdentifier(function.name());
        String missing = FunctionTemplate.class.getName() + "." + function.method();
        FunctionAlias alias = FunctionAlias.newInstance(schema, id, name, missing, true);
        H2Reflection.setMethod(alias, method(function));
        alias.setComment(function.description());
        return alias;
    }

    private static Method method(Callable function) {
        try (InputStream template = FunctionTemplate.class.getResourceAsStream("FunctionTemplate.class")) {
            if (template == null) {
                throw new AssertionError("a class has its own file beside it");
            }
            Class<?> copy = MethodHandles.lookup()
                    .defineHiddenClassWithClassData(template.readAllBytes(), function, false)
                    .lookupClass();
            return Arrays.stream(copy.getMethods())
                    .filter(candidate -> candidate.getName().equals(function.method()))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("the template has no method " + function.method()));
        } catch (IOException | IllegalAccessException e) {
            throw new AssertionError("a class can read and copy itself", e);
        }
    }

    /** Calls the body of a function; its errors come to the caller as they are. */
    @CanIgnoreReturnValue
    private static @Nullable Object run(StorageSession session, Body body) {
        try {
            return body.call(session.reader());
        } catch (SQLException | DbException e) {
            throw RoutedErrors.of(e, session.owner().statement().sql());
        }
    }

    private interface Body {
        @Nullable
        Object call(Reader caller) throws SQLException;
    }

    private static void checkCount(String name, int given, int fewest, int most) {
        if (given < fewest || given > most) {
            throw DbException.get(ErrorCode.METHOD_NOT_FOUND_1, name + " with " + given + " arguments");
        }
    }

    private static List<@Nullable Object> objects(Value[] arguments) {
        List<@Nullable Object> objects = new ArrayList<>(arguments.length);
        for (Value argument : arguments) {
            objects.add(SqlTypes.object(argument));
        }
        return objects;
    }

    /** A function that returns one value. */
    record Scalar(OpenDatabase storage, VirtualFunction function) implements Callable {
        @Override
        public String name() {
            return function.name();
        }

        @Override
        public String description() {
            return function.description();
        }

        @Override
        public String method() {
            return switch (SqlTypes.of(function.type()).getValueType()) {
                case Value.BOOLEAN -> "flag";
                case Value.INTEGER, Value.BIGINT -> "number";
                default -> "text";
            };
        }

        @Override
        public @Nullable Object call(SessionLocal session, Value[] arguments) throws SQLException {
            checkCount(name(), arguments.length, function.fewest(), function.most());
            Object result =
                    run(storage.session(session), caller -> function.body().call(caller, objects(arguments)));
            Object plain = result instanceof Optional<?> optional ? optional.orElse(null) : result;
            return plain instanceof Integer number ? Long.valueOf(number) : plain;
        }
    }

    /** A function that returns a table. */
    record Tabular<R>(OpenDatabase storage, VirtualTableFunction<R> function) implements Callable {
        @Override
        public String name() {
            return function.table().name();
        }

        @Override
        public String description() {
            return function.table().description();
        }

        @Override
        public String method() {
            return "table";
        }

        @Override
        public ResultSet call(SessionLocal session, Value[] arguments) throws SQLException {
            SimpleResultSet result = columns(session, arguments);
            List<VirtualTable.Column<R>> columns = function.table().columns();
            Reader reader = storage.session(session).reader();
            List<R> rows = new ArrayList<>();
            run(storage.session(session), caller -> rows.addAll(function.body().call(caller, objects(arguments))));
            for (R row : rows) {
                result.addRow(columns.stream()
                        .map(column -> plain(column.value().apply(row, reader)))
                        .toArray());
            }
            return result;
        }

        @Override
        public SimpleResultSet columns(SessionLocal session, Value[] arguments) {
            checkCount(name(), arguments.length, function.fewest(), function.most());
            SimpleResultSet result = new SimpleResultSet();
            for (VirtualTable.Column<R> column : function.table().columns()) {
                TypeInfo type = SqlTypes.of(column.type());
                int scale = Math.max(type.getScale(), 0);
                int precision = (int) Math.min(type.getPrecision(), Integer.MAX_VALUE);
                result.addColumn(
                        storage.database().sysIdentifier(column.name()),
                        DataType.convertTypeToSQLType(type),
                        precision,
                        scale);
            }
            return result;
        }

        private static @Nullable Object plain(@Nullable Object value) {
            return value instanceof Optional<?> optional ? optional.orElse(null) : value;
        }
    }
}
