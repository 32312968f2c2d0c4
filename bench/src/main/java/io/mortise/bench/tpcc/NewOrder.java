package io.mortise.bench.tpcc;

import static io.mortise.bench.tpcc.Terminal.number;
import static io.mortise.bench.tpcc.Terminal.with;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;

/** New-order, clause 2.4. One thread at a time. */
final class NewOrder {
    private static final int NO_SUCH_ITEM = TpccTables.ITEMS + 1;

    private final TpccRandom random;
    private final Terminal.Place place;
    private final PreparedStatement warehouseTax;
    private final PreparedStatement customerDiscount;
    private final PreparedStatement takeNumber;
    private final PreparedStatement readNumber;
    private final PreparedStatement insertOrder;
    private final PreparedStatement insertNewOrder;
    private final PreparedStatement itemPrice;
    private final PreparedStatement stock;
    private final PreparedStatement updateStock;
    private final PreparedStatement insertLine;

    NewOrder(Connection connection, TpccRandom random, Terminal.Place place) throws SQLException {
        this.random = random;
        this.place = place;
        warehouseTax = connection.prepareStatement("SELECT W_TAX FROM WAREHOUSE WHERE W_ID = ?");
        customerDiscount = connection.prepareStatement(
                "SELECT C_DISCOUNT, C_LAST, C_CREDIT FROM CUSTOMER WHERE C_W_ID = ? AND C_D_ID = ? AND C_ID = ?");
        takeNumber = connection.prepareStatement(
                "UPDATE DISTRICT SET D_NEXT_O_ID = D_NEXT_O_ID + 1 WHERE D_W_ID = ? AND D_ID = ?");
        readNumber = connection.prepareStatement("SELECT D_NEXT_O_ID FROM DISTRICT WHERE D_W_ID = ? AND D_ID = ?");
        insertOrder = connection.prepareStatement("INSERT INTO ORDERS VALUES(?, ?, ?, ?, ?, NULL, ?, ?)");
        insertNewOrder = connection.prepareStatement("INSERT INTO NEW_ORDER VALUES(?, ?, ?)");
        itemPrice = connection.prepareStatement("SELECT I_PRICE, I_NAME, I_DATA FROM ITEM WHERE I_ID = ?");
        stock = connection.prepareStatement(
                "SELECT S_QUANTITY, S_DIST, S_DATA FROM STOCK WHERE S_W_ID = ? AND S_I_ID = ?");
        updateStock = connection.prepareStatement("UPDATE STOCK SET S_QUANTITY = ?, S_YTD = S_YTD + ?,"
                + " S_ORDER_CNT = S_ORDER_CNT + 1, S_REMOTE_CNT = S_REMOTE_CNT + ? WHERE S_W_ID = ? AND S_I_ID = ?");
        insertLine = connection.prepareStatement("INSERT INTO ORDER_LINE VALUES(?, ?, ?, ?, ?, ?, NULL, ?, ?, ?)");
    }

    /** @return false if the order names an item that is not there, as one in a hundred does: it is to be rolled back */
    boolean run() throws SQLException {
        int home = place.warehouse();
        int district = random.between(1, TpccTables.DISTRICTS);
        int customer = random.customer();
        int lines = random.between(5, 15);
        boolean isMistaken = random.percent(1);
        number(with(warehouseTax, home));
        with(takeNumber, home, district).executeUpdate();
        int order = number(with(readNumber, home, district)) - 1;
        number(with(customerDiscount, home, district, customer));
        with(insertOrder, home, district, order, customer, new Timestamp(System.currentTimeMillis()), lines, 1)
                .executeUpdate();
        with(insertNewOrder, home, district, order).executeUpdate();
        for (int line = 1; line <= lines; line++) {
            int item = isMistaken && line == lines ? NO_SUCH_ITEM : random.item();
            if (!enter(new Line(district, order, line, item))) {
                return false;
            }
        }
        return true;
    }

    private record Line(int district, int order, int number, int item) {}

    private boolean enter(Line line) throws SQLException {
        int price;
        try (ResultSet row = with(itemPrice, line.item()).executeQuery()) {
            if (!row.next()) {
                return false;
            }
            price = row.getInt(1);
        }
        int home = place.warehouse();
        int supplier = random.percent(1) ? random.otherWarehouse(home, place.warehouses()) : home;
        int quantity = random.between(1, 10);
        int left;
        String info;
        try (ResultSet row = with(stock, supplier, line.item()).executeQuery()) {
            row.next();
            left = row.getInt(1);
            info = row.getString(2);
        }
        int then = left >= quantity + 10 ? left - quantity : left - quantity + 91;
        with(updateStock, then, quantity, supplier == home ? 0 : 1, supplier, line.item())
                .executeUpdate();
        with(
                        insertLine,
                        home,
                        line.district(),
                        line.order(),
                        line.number(),
                        line.item(),
                        supplier,
                        quantity,
                        quantity * price,
                        info)
                .executeUpdate();
        return true;
    }
}
