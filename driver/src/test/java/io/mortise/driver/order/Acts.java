package io.mortise.driver.order;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Statements that nobody has thought of, about the tables of a {@link Shape}. One thread. */
final class Acts {
    /** So many statements are a vocabulary: it is used for a while, so that they need not be parsed each time. */
    private static final int WORDS = 200;

    private static final List<String> CONDITIONS = List.of(
            "K = :k",
            "K = :k",
            "K = :k",
            "K = :k AND A = :v",
            "A = :v",
            "A = :v",
            "A = :v AND B = :v",
            "B = :v",
            "A BETWEEN :v AND :v",
            "A > :v",
            "B < :v",
            "K >= :k",
            "K > :k AND K < :k",
            "S LIKE 'x%'",
            "S LIKE :s",
            "S LIKE '%a'",
            "S = :s",
            "S >= :s",
            "K IN (:k, :k, :k)",
            "K IN (1, 2)",
            "A IN (:v, :v) AND B = :v",
            "A IN (:v, :v, NULL)",
            "(A, B) IN ((:v, :v), (:v, :v))",
            "(K, A) = (:k, :v)",
            "A = :v OR B = :v",
            "K = :k OR S = :s",
            "A = 1 OR A = 2",
            "A IS NULL",
            "A IS NOT NULL AND B = :v",
            "A IS NOT DISTINCT FROM :v",
            "A IS DISTINCT FROM :v",
            "NOT A = :v",
            "A <> :v",
            "A + B = :v",
            "UPPER(S) = 'XA'",
            "K = (SELECT MAX(K) FROM T)",
            "A IN (SELECT B FROM T WHERE K < :k)",
            "A > ALL (SELECT B FROM T WHERE K = :k)",
            "K = ANY (ARRAY[CAST(:k AS INT), :k])",
            "B = (SELECT COUNT(*) FROM C WHERE TK = :k)",
            "K IN (SELECT TK FROM C)",
            "EXISTS (SELECT 1 FROM C WHERE C.TK = T.K)",
            "NOT EXISTS (SELECT 1 FROM C WHERE C.TK = T.K AND C.ID > :k)",
            "K < :k AND A = :v",
            "K = :k AND 1 = 0",
            "COALESCE(A, 0) = :v",
            "CASE WHEN A = :v THEN B ELSE A END = :v",
            "TRUE");
    /** So many conditions give a key or a range, and so many reads are by a condition. */
    private static final int FINE = 20;

    private static final int BY_CONDITION = 5;

    private static final List<String> READS = List.of(
            "SELECT K, A, B, S FROM T WHERE :c",
            "SELECT K, A, B, S FROM T WHERE :c",
            "SELECT * FROM T WHERE :c",
            "SELECT COUNT(*) FROM T WHERE :c",
            "SELECT COUNT(*) FROM T WHERE :c",
            "SELECT COUNT(*) FROM T",
            "SELECT MIN(K), MAX(K) FROM T",
            "SELECT MAX(A) FROM T",
            "SELECT MIN(B) FROM T",
            "SELECT MAX(S) FROM T",
            "SELECT MIN(A) FROM T WHERE :c",
            "SELECT SUM(B), COUNT(DISTINCT A) FROM T WHERE :c",
            "SELECT A, COUNT(*) FROM T GROUP BY A",
            "SELECT B, MAX(K) FROM T WHERE :c GROUP BY B HAVING COUNT(*) > 1",
            "SELECT DISTINCT A FROM T",
            "SELECT DISTINCT S FROM T WHERE :c",
            "SELECT K, A, B, S FROM T ORDER BY K, A, B, S FETCH FIRST 1 ROW ONLY",
            "SELECT K, A, B, S FROM T WHERE :c ORDER BY K DESC, A, B, S LIMIT 2",
            "SELECT A, B, K, S FROM T WHERE A = :v ORDER BY A DESC, B, K, S LIMIT 1",
            "SELECT B FROM T WHERE :c ORDER BY B LIMIT 1",
            "SELECT B FROM T ORDER BY B DESC LIMIT 1 OFFSET 1",
            "SELECT T.K, C.ID FROM T JOIN C ON C.TK = T.K WHERE :c",
            "SELECT C.ID, T.A FROM C LEFT JOIN T ON T.K = C.TK WHERE C.ID = :k",
            "SELECT X.K, Y.K FROM T X JOIN T Y ON X.A = Y.B WHERE X.K = :k",
            "SELECT COUNT(*) FROM C WHERE TK = :k",
            "SELECT ID, N FROM C WHERE ID = :k",
            "SELECT SUM(N) FROM C",
            "SELECT A FROM T WHERE :c UNION SELECT B FROM T WHERE :c",
            "SELECT K FROM T EXCEPT SELECT TK FROM C",
            "SELECT A FROM T WHERE :c INTERSECT SELECT B FROM T",
            "SELECT N FROM V WHERE A = :v",
            "SELECT COUNT(*) FROM V",
            "SELECT (SELECT COUNT(*) FROM T WHERE :c), (SELECT MAX(ID) FROM C)",
            "SELECT COUNT_A(:v)",
            "SELECT K, COUNT_A(A) FROM T WHERE :c",
            "SELECT K, RANK() OVER (PARTITION BY A ORDER BY B) FROM T WHERE :c",
            "WITH Q AS (SELECT K, B FROM T WHERE :c) SELECT COUNT(*), MAX(B) FROM Q",
            "WITH RECURSIVE R(K, N) AS (SELECT CAST(:k AS INT), 0 UNION ALL SELECT CAST(T.B AS INT), R.N + 1 FROM R JOIN T ON T.K = R.K"
                    + " WHERE R.N < 3) SELECT COUNT(*), MAX(K) FROM R",
            "SELECT COUNT(*) FROM (SELECT A FROM T WHERE :c LIMIT 5)",
            "SELECT K, A, B FROM T WHERE :c FOR UPDATE",
            "SELECT K, A, B FROM T WHERE K = :k FOR UPDATE",
            "SELECT K FROM T WHERE :c FOR SHARE",
            "SELECT K, B FROM OLD TABLE (DELETE FROM T WHERE :c)",
            "SELECT K, B FROM FINAL TABLE (UPDATE T SET B = :v WHERE :c)",
            "SELECT K, A FROM NEW TABLE (INSERT INTO T(K, A, B, S) VALUES (:k, :v, :v, :s))",
            "EXPLAIN ANALYZE SELECT 1",
            "TABLE C");
    private static final List<String> WRITES = List.of(
            "INSERT INTO T(K, A, B, S) VALUES (:k, :v, :v, :s)",
            "INSERT INTO T(K, A, B, S) VALUES (:k, :v, :v, :s)",
            "INSERT INTO T(K, A, S) VALUES (:k, NULL, :s), (:k, :v, :s)",
            "INSERT INTO T(K, A, B, S) SELECT K + 1, B, A, S FROM T WHERE :c",
            "INSERT INTO T(K, A, B, S) SELECT :k, :v, COUNT(*), :s FROM T WHERE :c",
            "INSERT INTO T(K, A, B, S) SELECT :k, :v, :v, :s WHERE NOT EXISTS (SELECT 1 FROM T WHERE :c)",
            "UPDATE T SET B = :v WHERE K = :k",
            "UPDATE T SET B = :v WHERE K = :k",
            "UPDATE T SET B = :v WHERE :c",
            "UPDATE T SET A = A + 1 WHERE :c",
            "UPDATE T SET A = A WHERE :c",
            "UPDATE T SET S = :s, A = :v WHERE :c",
            "UPDATE T SET K = :k WHERE K = :k",
            "UPDATE T SET B = (SELECT COUNT(*) FROM T WHERE :c) WHERE K = :k",
            "UPDATE T SET A = B, B = A WHERE K = :k",
            "DELETE FROM T WHERE K = :k",
            "DELETE FROM T WHERE :c",
            "MERGE INTO T(K, A, B, S) KEY(K) VALUES (:k, :v, :v, :s)",
            "MERGE INTO T USING (VALUES (:k, :v)) N(K, A) ON T.K = N.K WHEN MATCHED THEN UPDATE SET B = N.A"
                    + " WHEN NOT MATCHED THEN INSERT (K, A, B, S) VALUES (N.K, N.A, :v, 'z')",
            "MERGE INTO T USING C ON T.K = C.TK WHEN MATCHED AND C.N > 0 THEN DELETE WHEN MATCHED THEN UPDATE SET A = 0",
            "INSERT INTO C(ID, TK) VALUES (:k, :k)",
            "INSERT INTO C(ID, TK) VALUES (:k, :k)",
            "UPDATE C SET N = N + 1 WHERE ID = :k",
            "UPDATE C SET TK = :k WHERE ID = :k",
            "DELETE FROM C WHERE TK = :k",
            "DELETE FROM C WHERE ID = :k",
            "INSERT INTO C(ID, TK) SELECT MAX(K), MIN(K) FROM T WHERE :c",
            "UPDATE C SET N = (SELECT COALESCE(MAX(B), 0) FROM T WHERE :c) WHERE ID = :k");

    private final Random random;
    private final List<Pattern> vocabulary = new ArrayList<>();

    Acts(Random random) {
        this.random = random;
        renew();
    }

    /** Takes another vocabulary. */
    void renew() {
        vocabulary.clear();
        for (int i = 0; i < WORDS; i++) {
            vocabulary.add(pattern(random.nextInt(20)));
        }
    }

    Act next() {
        return pick(vocabulary).with(random);
    }

    Act first(int key) {
        return Act.of("INSERT INTO T(K, A, B, S) VALUES (?, ?, NULL, ?)", key, value('v'), value('s'));
    }

    private Object value(char word) {
        return Pattern.value(word, random);
    }

    private Pattern pattern(int kind) {
        if (kind == 0) {
            return new Pattern("SELECT ID, TK, N FROM C WHERE ID = ?", "k", false);
        }
        if (kind == 1) {
            return new Pattern("SELECT * FROM T WHERE K = ?", "k", true);
        }
        List<String> patterns = kind < 10 ? READS : WRITES;
        String sql = kind < 6 ? pick(READS.subList(0, BY_CONDITION)) : pick(patterns);
        while (sql.contains(":c")) {
            sql = sql.replaceFirst(":c", pick(random.nextInt(3) == 0 ? CONDITIONS : CONDITIONS.subList(0, FINE)));
        }
        return Pattern.of(sql, random, random.nextInt(4) != 0);
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
