package io.mortise.bench.tpcc;

import static io.mortise.bench.tpcc.Terminal.number;
import static io.mortise.bench.tpcc.Terminal.with;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.List;

/** Payment, clause 2.5. One thread at a time. */
final class Payment {
    private final TpccRandom random;
    private final Terminal.Place place;
    private final PreparedStatement payWarehouse;
    private final PreparedStatement payDistrict;
    private final PreparedStatement readWarehouse;
    private final PreparedStatement customersByName;
    private final PreparedStatement readCustomer;
    private final PreparedStatement payCustomer;
    private final PreparedStatement writeAbout;
    private final PreparedStatement insertHistory;

    Payment(Connection connection, TpccRandom random, Terminal.Place place) throws SQLException {
        this.random = random;
        this.place = place;
        payWarehouse = connection.prepareStatement("UPDATE WAREHOUSE SET W_YTD = W_YTD + ? WHERE W_ID = ?");
        readWarehouse =
                connection.prepareStatement("SELECT W_ID, W_NAME, W_STREET_1, W_CITY FROM WAREHOUSE WHERE W_ID = ?");
        payDistrict =
                connection.prepareStatement("UPDATE DISTRICT SET D_YTD = D_YTD + ? WHERE D_W_ID = ? AND D_ID = ?");
        customersByName = connection.prepareStatement(
                "SELECT C_ID FROM CUSTOMER WHERE C_W_ID = ? AND C_D_ID = ? AND C_LAST = ? ORDER BY C_FIRST");
        readCustomer = connection.prepareStatement(
                "SELECT C_CREDIT, C_DATA FROM CUSTOMER WHERE C_W_ID = ? AND C_D_ID = ? AND C_ID = ?");
        payCustomer = connection.prepareStatement("UPDATE CUSTOMER SET C_BALANCE = C_BALANCE - ?,"
                + " C_YTD_PAYMENT = C_YTD_PAYMENT + ?, C_PAYMENT_CNT = C_PAYMENT_CNT + 1"
                + " WHERE C_W_ID = ? AND C_D_ID = ? AND C_ID = ?");
        writeAbout = connection.prepareStatement(
                "UPDATE CUSTOMER SET C_DATA = ? WHERE C_W_ID = ? AND C_D_ID = ? AND C_ID = ?");
        insertHistory = connection.prepareStatement("INSERT INTO HISTORY VALUES(?, ?, ?, ?, ?, ?, ?, 'payment')");
    }

    /** Whose payment it is. */
    private record Payer(int warehouse, int district, int customer) {}

    boolean run() throws SQLException {
        int home = place.warehouse();
        int district = random.between(1, TpccTables.DISTRICTS);
        int cents = random.between(100, 500_000);
        with(payWarehouse, cents, home).executeUpdate();
        number(with(readWarehouse, home));
        with(payDistrict, cents, home, district).executeUpdate();
        Payer payer = payer(home, district);
        with(payCustomer, cents, cents, payer.warehouse, payer.district, payer.customer)
                .executeUpdate();
        noteBadCredit(payer, cents);
        Timestamp now = new Timestamp(System.currentTimeMillis());
        with(insertHistory, payer.customer, payer.district, payer.warehouse, district, home, now, cents)
                .executeUpdate();
        return true;
    }

    /** Fifteen in a hundred live elsewhere; sixty in a hundred are known by their last name only. */
    private Payer payer(int home, int homeDistrict) throws SQLException {
        boolean isRemote = random.percent(15);
        int warehouse = isRemote ? random.otherWarehouse(home, place.warehouses()) : home;
        int district = isRemote ? random.between(1, TpccTables.DISTRICTS) : homeDistrict;
        if (!random.percent(60)) {
            return new Payer(warehouse, district, random.customer());
        }
        List<Integer> namesakes = new ArrayList<>();
        try (ResultSet rows = with(customersByName, warehouse, district, random.lastNameOfRun())
                .executeQuery()) {
            while (rows.next()) {
                namesakes.add(rows.getInt(1));
            }
        }
        return new Payer(warehouse, district, namesakes.get((namesakes.size() - 1) / 2));
    }

    private void noteBadCredit(Payer payer, int cents) throws SQLException {
        String about;
        try (ResultSet row = with(readCustomer, payer.warehouse, payer.district, payer.customer)
                .executeQuery()) {
            row.next();
            if (!row.getString(1).equals("BC")) {
                return;
            }
            about = row.getString(2);
        }
        String longer = payer.customer + " " + payer.district + " " + payer.warehouse + " " + cents + " " + about;
        String kept = longer.substring(0, Math.min(500, longer.length()));
        with(writeAbout, kept, payer.warehouse, payer.district, payer.customer).executeUpdate();
    }
}
