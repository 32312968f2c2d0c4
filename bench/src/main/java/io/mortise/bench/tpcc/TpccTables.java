package io.mortise.bench.tpcc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;

/**
 * The nine tables of TPC-C, filled by clause 4.3.3 as far as new-order and payment read them: warehouses, districts,
 * customers, items and stock in full; orders begin empty, for nothing in the mix reads old ones. Amounts are in cents,
 * so that a sum is exact on every database.
 */
final class TpccTables {
    static final int DISTRICTS = 10;
    static final int CUSTOMERS = 3_000;
    static final int ITEMS = 100_000;

    private static final int BATCH = 1_000;
    private static final String[] DEFINITIONS = {
        "CREATE TABLE WAREHOUSE(W_ID INT NOT NULL PRIMARY KEY, W_NAME VARCHAR(10), W_STREET_1 VARCHAR(20),"
                + " W_CITY VARCHAR(20), W_STATE CHAR(2), W_ZIP CHAR(9), W_TAX INT NOT NULL, W_YTD BIGINT NOT NULL)",
        "CREATE TABLE DISTRICT(D_W_ID INT NOT NULL, D_ID INT NOT NULL, D_NAME VARCHAR(10), D_STREET_1 VARCHAR(20),"
                + " D_CITY VARCHAR(20), D_STATE CHAR(2), D_ZIP CHAR(9), D_TAX INT NOT NULL, D_YTD BIGINT NOT NULL,"
                + " D_NEXT_O_ID INT NOT NULL, PRIMARY KEY(D_W_ID, D_ID))",
        "CREATE TABLE CUSTOMER(C_W_ID INT NOT NULL, C_D_ID INT NOT NULL, C_ID INT NOT NULL, C_FIRST VARCHAR(16),"
                + " C_MIDDLE CHAR(2), C_LAST VARCHAR(16), C_PHONE CHAR(16), C_CREDIT CHAR(2), C_CREDIT_LIM BIGINT,"
                + " C_DISCOUNT INT, C_BALANCE BIGINT, C_YTD_PAYMENT BIGINT, C_PAYMENT_CNT INT, C_DATA VARCHAR(500),"
                + " PRIMARY KEY(C_W_ID, C_D_ID, C_ID))",
        "CREATE INDEX CUSTOMER_BY_NAME ON CUSTOMER(C_W_ID, C_D_ID, C_LAST, C_FIRST)",
        "CREATE TABLE HISTORY(H_C_ID INT, H_C_D_ID INT, H_C_W_ID INT, H_D_ID INT, H_W_ID INT, H_DATE TIMESTAMP,"
                + " H_AMOUNT BIGINT, H_DATA VARCHAR(24))",
        "CREATE TABLE ITEM(I_ID INT NOT NULL PRIMARY KEY, I_IM_ID INT, I_NAME VARCHAR(24), I_PRICE INT NOT NULL,"
                + " I_DATA VARCHAR(50))",
        "CREATE TABLE STOCK(S_W_ID INT NOT NULL, S_I_ID INT NOT NULL, S_QUANTITY INT NOT NULL, S_DIST CHAR(24),"
                + " S_YTD BIGINT NOT NULL, S_ORDER_CNT INT NOT NULL, S_REMOTE_CNT INT NOT NULL, S_DATA VARCHAR(50),"
                + " PRIMARY KEY(S_W_ID, S_I_ID))",
        "CREATE TABLE ORDERS(O_W_ID INT NOT NULL, O_D_ID INT NOT NULL, O_ID INT NOT NULL, O_C_ID INT NOT NULL,"
                + " O_ENTRY_D TIMESTAMP, O_CARRIER_ID INT, O_OL_CNT INT, O_ALL_LOCAL INT,"
                + " PRIMARY KEY(O_W_ID, O_D_ID, O_ID))",
        "CREATE TABLE NEW_ORDER(NO_W_ID INT NOT NULL, NO_D_ID INT NOT NULL, NO_O_ID INT NOT NULL,"
                + " PRIMARY KEY(NO_W_ID, NO_D_ID, NO_O_ID))",
        "CREATE TABLE ORDER_LINE(OL_W_ID INT NOT NULL, OL_D_ID INT NOT NULL, OL_O_ID INT NOT NULL,"
                + " OL_NUMBER INT NOT NULL, OL_I_ID INT NOT NULL, OL_SUPPLY_W_ID INT, OL_DELIVERY_D TIMESTAMP,"
                + " OL_QUANTITY INT, OL_AMOUNT BIGINT, OL_DIST_INFO CHAR(24),"
                + " PRIMARY KEY(OL_W_ID, OL_D_ID, OL_O_ID, OL_NUMBER))",
    };

    private final Connection connection;
    private final TpccRandom random = new TpccRandom(new Random(1));
    private int pending;

    private TpccTables(Connection connection) {
        this.connection = connection;
    }

    static void make(Connection connection, int warehouses) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            for (String definition : DEFINITIONS) {
                statement.execute(definition);
            }
        }
        connection.setAutoCommit(false);
        TpccTables tables = new TpccTables(connection);
        tables.fillItems();
        for (int warehouse = 1; warehouse <= warehouses; warehouse++) {
            tables.fillWarehouse(warehouse);
            tables.fillStock(warehouse);
            for (int district = 1; district <= DISTRICTS; district++) {
                tables.fillDistrict(warehouse, district);
                tables.fillCustomers(warehouse, district);
            }
        }
        connection.setAutoCommit(true);
    }

    private void fillItems() throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO ITEM VALUES(?, ?, ?, ?, ?)")) {
            for (int item = 1; item <= ITEMS; item++) {
                add(insert, item, random.between(1, 10_000), random.text(14, 24), random.between(100, 10_000), data());
            }
            flush(insert);
        }
    }

    private void fillWarehouse(int id) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO WAREHOUSE VALUES(?, ?, ?, ?, 'NY', ?, ?, 30000000)")) {
            add(
                    insert,
                    id,
                    random.text(6, 10),
                    random.text(10, 20),
                    random.text(10, 20),
                    zip(),
                    random.between(0, 2_000));
            flush(insert);
        }
    }

    private void fillDistrict(int warehouse, int id) throws SQLException {
        String sql = "INSERT INTO DISTRICT VALUES(?, ?, ?, ?, ?, 'NY', ?, ?, 3000000, 1)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            String name = random.text(6, 10);
            add(insert, warehouse, id, name, random.text(10, 20), random.text(10, 20), zip(), random.between(0, 2_000));
            flush(insert);
        }
    }

    private void fillCustomers(int warehouse, int district) throws SQLException {
        String sql = "INSERT INTO CUSTOMER VALUES(?, ?, ?, ?, 'OE', ?, ?, ?, 5000000, ?, -1000, 1000, 1, ?)";
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            for (int id = 1; id <= CUSTOMERS; id++) {
                String last = random.lastNameOfLoad(id);
                String credit = random.percent(10) ? "BC" : "GC";
                String phone = Integer.toString(random.between(1_000_000, 9_999_999));
                int discount = random.between(0, 5_000);
                String about = random.text(300, 500);
                add(insert, warehouse, district, id, random.text(8, 16), last, phone, credit, discount, about);
            }
            flush(insert);
        }
    }

    private void fillStock(int warehouse) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO STOCK VALUES(?, ?, ?, ?, 0, 0, 0, ?)")) {
            for (int item = 1; item <= ITEMS; item++) {
                add(insert, warehouse, item, random.between(10, 100), random.text(24, 24), data());
            }
            flush(insert);
        }
    }

    private String data() {
        String text = random.text(26, 50);
        return random.percent(10) ? "ORIGINAL" + text.substring(8) : text;
    }

    private String zip() {
        return random.between(1_000, 9_999) + "11111";
    }

    private void add(PreparedStatement insert, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            insert.setObject(i + 1, values[i]);
        }
        insert.addBatch();
        if (++pending == BATCH) {
            flush(insert);
        }
    }

    private void flush(PreparedStatement insert) throws SQLException {
        if (pending > 0) {
            insert.executeBatch();
            connection.commit();
            pending = 0;
        }
    }
}
