package io.mortise.engine.storage.serial;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.serial.Note;
import io.mortise.engine.storage.Scene;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.Statement;
import java.util.Random;
import java.util.UUID;
import org.h2.engine.SessionLocal;
import org.h2.index.Index;
import org.h2.jdbc.JdbcConnection;
import org.h2.mvstore.db.MVDelegateIndex;
import org.h2.mvstore.db.MVSecondaryIndex;
import org.h2.result.Row;
import org.h2.result.SearchRow;
import org.h2.table.Table;
import org.h2.value.Value;
import org.h2.value.ValueBigint;
import org.h2.value.ValueInteger;
import org.h2.value.ValueNumeric;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A range and a row that it covers have a bit in common: else a conflict would be missed. */
@Timeout(60)
final class NoteBitsTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final int TIMES = 200_000;
    private static final long[] ENDS = {Long.MIN_VALUE, Long.MIN_VALUE + 1, -1, 0, 62, 63, 64, Long.MAX_VALUE};

    private final Scene scene = Scene.at("jdbc:h2:mem:" + UUID.randomUUID());
    private final Random random = new Random(SEED);
    private Table table;
    private Index byNumber;
    private Index byName;

    @BeforeEach
    void aTable() throws Exception {
        Connection connection = scene.actor().connection;
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE T(NAME BIGINT UNIQUE, ID BIGINT PRIMARY KEY)");
        }
        SessionLocal h2 = (SessionLocal) connection.unwrap(JdbcConnection.class).getSession();
        table = h2.getDatabase().getMainSchema().getTableOrView(h2, "T");
        byNumber = first(MVDelegateIndex.class);
        byName = first(MVSecondaryIndex.class);
    }

    private Index first(Class<? extends Index> kind) {
        return table.getIndexes().stream().filter(kind::isInstance).findFirst().orElseThrow();
    }

    @AfterEach
    void close() throws Exception {
        scene.close();
    }

    private long number() {
        return random.nextInt(10) == 0 ? ENDS[random.nextInt(ENDS.length)] : random.nextInt(300) - 150;
    }

    private static Value value(long number, int kind) {
        boolean isShort = number == (int) number;
        return switch (kind) {
            case 0 -> isShort ? ValueInteger.get((int) number) : ValueBigint.get(number);
            case 1 -> ValueNumeric.get(BigDecimal.valueOf(number));
            default -> ValueBigint.get(number);
        };
    }

    private @Nullable SearchRow bound(int column) {
        if (random.nextInt(8) == 0) {
            return null;
        }
        SearchRow bound = table.getTemplateRow();
        bound.setValue(column, value(number(), random.nextInt(8)));
        return bound;
    }

    private KeyRow image(long number) {
        Row row = Row.get(new Value[] {ValueBigint.get(number()), ValueBigint.get(number)}, 1, number);
        return KeyRow.of(table, row);
    }

    @Test
    void whatARangeCoversHasABitOfIt() {
        System.out.println("seed " + SEED);
        int apart = 0;
        for (int i = 0; i < TIMES; i++) {
            boolean isByNumber = random.nextInt(4) > 0;
            SearchRow from = bound(isByNumber ? 1 : 0);
            KeyRange range = new KeyRange(
                    isByNumber ? byNumber : byName, from, random.nextBoolean() ? from : bound(isByNumber ? 1 : 0));
            KeyRow row = image(number());
            boolean mayMeet = (range.bits() & row.bits()) != 0;

            if (range.covers(row)) {
                assertThat(mayMeet).as("%s and %s", range.text(), row.text()).isTrue();
            }
            apart += mayMeet ? 0 : 1;
        }
        assertThat(apart).as("pairs that need not be compared").isGreaterThan(TIMES / 4);
    }

    @Test
    void whatIsNotLookedForByItsNumberMeetsAll() {
        SearchRow name = table.getTemplateRow();
        name.setValue(0, ValueBigint.get(7));

        assertThat(new KeyRange(byName, name, name).bits()).isEqualTo(Note.ALL);
        assertThat(new KeyRange(byNumber, null, null).bits()).isEqualTo(Note.ALL);
    }
}
