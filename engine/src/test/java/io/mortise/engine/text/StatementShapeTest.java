package io.mortise.engine.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StatementShapeTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    update t set a=1 where id = 42          | UPDATE T SET A=? WHERE ID = ?
                    UPDATE T SET A = 'it''s' WHERE ID=?1;   | UPDATE T SET A = ? WHERE ID=?
                    select 1.5e3, t2.c3 from t2             | SELECT ?, T2.C3 FROM T2
                    select * from t where id in (1, 2,3)    | SELECT * FROM T WHERE ID IN (?)
                    select * from t where a in (?, ?)       | SELECT * FROM T WHERE A IN (?)
                    select "a 1" from t -- why 7            | SELECT "a 1" FROM T
                    select /* 'x' */ a   from    t          | SELECT A FROM T
                    select 'unfinished                      | SELECT ?
                    """)
    void aStatementWithoutItsValuesIsItsShape(String sql, String shape) {
        assertThat(StatementShape.of(sql)).isEqualTo(shape);
    }
}
