package io.mortise.engine.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.h2.engine.SessionLocal;
import org.h2.table.Table;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A view keeps the number of the last change of its tables for as long as the database has not gone on to another. A
 * commit of H2's takes the number first and gives it to the tables then. Who asks the view in between is not to make it
 * keep the old one.
 */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class StaleViewTest {
    /** A session's changed tables. H2 asks for them between the two steps, before its commit and behind it. */
    private static final class Watched extends HashSet<Table> {
        private final transient Runnable between;

        Watched(Runnable between) {
            this.between = between;
        }

        @Override
        public <T> T[] toArray(T[] array) {
            between.run();
            return super.toArray(array);
        }
    }

    private static void watchCommits(SessionLocal session, Runnable between) throws ReflectiveOperationException {
        Field updates = SessionLocal.class.getDeclaredField("updates");
        updates.setAccessible(true);
        updates.set(session, new Watched(between));
    }

    private static Object read(Scene.Actor reader, PreparedStatement query) throws Exception {
        return Scene.finish(reader.does(() -> {
            try (ResultSet rows = query.executeQuery()) {
                rows.next();
                return rows.getObject(1);
            }
        }));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT COUNT(*) FROM V",
                "SELECT COUNT(*) FROM W",
                "SELECT COUNT(*) FROM (SELECT K FROM V LIMIT 99) Q",
                "SELECT (SELECT COUNT(*) FROM V)",
                "SELECT CASE WHEN EXISTS (SELECT 1 FROM V WHERE K = 1) THEN 1 ELSE 0 END",
                "SELECT CASE WHEN 1 IN (SELECT K FROM V) THEN 1 ELSE 0 END"
            })
    void whatIsCommittedIsSeenAlsoIfTheViewWasReadInTheMiddle(String sql) throws Exception {
        List<Object> between = new ArrayList<>();
        try (Scene scene = Scene.inMemory()) {
            Scene.Actor writer = scene.actor();
            Scene.Actor reader = scene.actor();
            writer.runs("CREATE TABLE T(K INT PRIMARY KEY)");
            writer.runs("CREATE VIEW V AS SELECT * FROM T");
            writer.runs("CREATE VIEW W AS SELECT * FROM V");
            PreparedStatement query = reader.connection.prepareStatement(sql);
            watchCommits(writer.session.h2(), () -> {
                try {
                    between.add(read(reader, query));
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            writer.runs("INSERT INTO T VALUES (1)");

            assertThat(((Number) read(reader, query)).intValue()).isEqualTo(1);
            assertThat(between).as("before the commit, and behind it").hasSize(2);
            assertThat(((Number) between.get(0)).intValue()).isZero();
        }
    }
}
