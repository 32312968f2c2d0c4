package io.mortise.driver.order;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;

/** What the tables T and C and their indexes are like. All have the columns K, A, B and S; C refers to a row of T. */
enum Shape {
    BARE("K INT, A INT, B INT, S VARCHAR(9)", ""),
    ROW_NUMBER("K INT PRIMARY KEY, A INT, B INT, S VARCHAR(9)", "CREATE INDEX T_A ON T(A)"),
    STORED_KEY("K NUMERIC(10) PRIMARY KEY, A INT, B INT, S VARCHAR(9)", "CREATE INDEX T_S ON T(S)"),
    COMPOSITE(
            "K INT, A INT, B INT, S VARCHAR(9), PRIMARY KEY(K, A)",
            "CREATE INDEX T_B ON T(B DESC); CREATE INDEX T_AB ON T(A, B)"),
    UNIQUE_NULLS("K INT PRIMARY KEY, A INT, B INT, S VARCHAR_IGNORECASE(9), UNIQUE(A, B)", "CREATE INDEX T_S ON T(S)"),
    DISTINCT_NULLS(
            "K INT PRIMARY KEY, A INT, B INT, S VARCHAR(9), UNIQUE NULLS NOT DISTINCT (A, S)",
            "CREATE INDEX T_B ON T(B)"),
    DESCENDING(
            "K INT PRIMARY KEY, A INT, B INT, S VARCHAR(9)",
            "CREATE INDEX T_AB ON T(A DESC, B); CREATE INDEX T_BS ON T(B, S DESC)"),
    GENERATED(
            "K INT PRIMARY KEY, A INT, B INT, S VARCHAR(9), G INT INVISIBLE GENERATED ALWAYS AS (COALESCE(A, 0) + COALESCE(B, 0))",
            "CREATE UNIQUE INDEX T_KS ON T(K, S); CREATE INDEX T_G ON T(G)"),
    LARGE(
            "K INT PRIMARY KEY, A INT, B INT, S VARCHAR(9), X CLOB DEFAULT REPEAT('long', 100)",
            "CREATE INDEX T_B ON T(B)"),
    CASCADING("K INT PRIMARY KEY, A INT, B INT, S VARCHAR(9)", refers("CASCADE") + "; CREATE INDEX T_A ON T(A)"),
    NULLING("K INT PRIMARY KEY, A INT, B INT, S VARCHAR(9)", refers("SET NULL")),
    RESTRICTING("K INT, A INT, B INT, S VARCHAR(9), UNIQUE(K)", refers("RESTRICT") + "; CREATE INDEX T_BA ON T(B, A)"),
    OF_ITSELF("K INT PRIMARY KEY, A INT, B INT REFERENCES T(K), S VARCHAR(9)", refers("CASCADE")),
    COUNTING(
            "K INT PRIMARY KEY, A INT, B INT, S VARCHAR(9)",
            "CREATE TRIGGER T_COUNTED AFTER INSERT, UPDATE, DELETE ON T FOR EACH ROW CALL '"
                    + Called.Counting.class.getName() + "'"),
    LOOKING(
            "K INT PRIMARY KEY, A INT, B INT, S VARCHAR(9)",
            "CREATE TRIGGER T_LOOKED BEFORE INSERT, UPDATE ON T FOR EACH ROW CALL '" + Called.Looking.class.getName()
                    + "'; CREATE INDEX T_A ON T(A)");

    private final String columns;
    private final String more;

    Shape(String columns, String more) {
        this.columns = columns;
        this.more = more;
    }

    private static String refers(String action) {
        return "ALTER TABLE C ADD FOREIGN KEY(TK) REFERENCES T(K) ON DELETE " + action + " ON UPDATE "
                + (action.equals("RESTRICT") ? action : "CASCADE");
    }

    static List<String> tables() {
        return List.of("T", "C");
    }

    void create(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE C(ID INT PRIMARY KEY, TK INT, N INT DEFAULT 0)");
            statement.execute("CREATE TABLE T(" + columns + ")");
            statement.execute("CREATE VIEW V AS SELECT A, COUNT(*) N FROM T GROUP BY A");
            statement.execute("CREATE ALIAS COUNT_A FOR '" + Called.class.getName() + ".countA'");
            for (String each : more.split(";", -1)) {
                if (!each.isBlank()) {
                    statement.execute(each);
                }
            }
        }
    }
}
