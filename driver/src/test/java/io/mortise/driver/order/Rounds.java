package io.mortise.driver.order;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;

/** One database here and one of plain H2, through many rounds of a {@link Play}. One thread. */
final class Rounds implements AutoCloseable {
    private static final int ROWS = 5;
    /** What no key holds back grows: with more rows the table begins anew. */
    private static final int MANY_ROWS = 30;

    private static final int ROUNDS_A_VOCABULARY = 2_000;

    private final Shape shape;
    private final Way way;
    private final long seed;
    private final Prepared plain;
    private final Prepared here;
    private final Play play;
    private final Acts firstRows;
    private final Orders orders;
    private int round;
    private long committed;

    Rounds(Shape shape, Way way, long seed, int roundsADefined) throws SQLException {
        this.shape = shape;
        this.way = way;
        this.seed = seed;
        String name = "order" + Long.toHexString(seed) + shape + way;
        String url = "jdbc:mortise:mem:" + name + ";LOCK_TIMEOUT=0" + way.settings();
        plain = new Prepared(open("jdbc:h2:mem:;OPTIMIZE_REUSE_RESULTS=0;QUERY_CACHE_SIZE=0"), true);
        here = new Prepared(open(url), false);
        play = new Play(url, new Random(seed), roundsADefined);
        firstRows = new Acts(new Random(seed));
        orders = new Orders(plain, Shape.tables());
        shape.create(plain.connection());
        shape.create(here.connection());
        begin();
        plain.connection().setAutoCommit(false);
    }

    private static Connection open(String url) throws SQLException {
        return DriverManager.getConnection(url, "sa", "");
    }

    private void begin() throws SQLException {
        for (int key = 0; key < ROWS; key++) {
            Act row = firstRows.first(key);
            row.run(plain);
            row.run(here);
        }
    }

    /** Plays one. Returns what no order explains, for people to read; empty if there is an order. */
    String wrongInNext() throws SQLException {
        round++;
        List<Part> parts = play.play();
        committed += parts.size();
        List<String> content = Orders.content(here, Shape.tables());
        if (!orders.explain(parts, content)) {
            return "-Dseed=%d, %s, %s, round %d: %s%n%s"
                    .formatted(
                            seed,
                            shape,
                            way,
                            round,
                            orders.difference(),
                            parts.stream().map(Part::toString).collect(Collectors.joining("\n")));
        }
        keepItSmall(content.get(0));
        return "";
    }

    private void keepItSmall(String rows) throws SQLException {
        if (rows.chars().filter(each -> each == ' ').count() > MANY_ROWS) {
            for (Prepared each : List.of(plain, here)) {
                Act.of("DELETE FROM C").run(each);
                Act.of("UPDATE T SET B = NULL").run(each);
                Act.of("DELETE FROM T").run(each);
            }
            begin();
            plain.connection().commit();
        }
        if (round % ROUNDS_A_VOCABULARY == 0) {
            play.renew();
        }
    }

    long committed() {
        return committed;
    }

    @Override
    public String toString() {
        return "%s, %s: seed %d, %d transactions committed, %d refused"
                .formatted(shape, way, seed, committed, play.refused());
    }

    @Override
    public void close() throws SQLException {
        play.close();
        here.connection().close();
        plain.connection().close();
    }
}
