package io.mortise.driver;

import io.mortise.driver.forwarding.ForwardingDatabaseMetaData;
import io.mortise.driver.forwarding.Unwrapping;
import io.mortise.engine.session.Attachment;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;

/** What the database is: H2, as frameworks must be told, through this driver. Thread-safe. */
final class MortiseMetaData extends ForwardingDatabaseMetaData implements DatabaseMetaData {
    static final int MAJOR_VERSION = 0;
    static final int MINOR_VERSION = 1;
    private static final String NAME = "Mortise JDBC Driver";
    private static final String VERSION = MAJOR_VERSION + "." + MINOR_VERSION;

    private final Connection connection;
    private final SessionLink link;
    private final String url;
    private final Attachment attachment;
    private final Connection face;

    /** @param link of the connection */
    MortiseMetaData(Connection connection, SessionLink link, String url, DatabaseMetaData delegate) {
        super(delegate);
        this.connection = connection;
        this.link = link;
        this.url = url;
        this.attachment = link.attachment();
        this.face = link.face();
    }

    @Override
    protected SQLException failed(SQLException e) {
        return SqlExceptions.translate(e, attachment);
    }

    @Override
    protected void begin(String call) throws SQLException {
        if (link.isGivenBack(face)) {
            throw SqlExceptions.closed();
        }
        attachment.enterBriefly(call);
        try {
            attachment.askWhetherLost();
        } catch (SQLException e) {
            attachment.exit();
            throw e;
        }
    }

    @Override
    protected void end() {
        attachment.exit();
    }

    @Override
    protected ResultSet result(ResultSet fromBelow) {
        return new MortiseResultSet(fromBelow, connection, attachment);
    }

    private interface Question {
        boolean ask() throws SQLException;
    }

    /** H2 asks its server for these, and does not throw an SQLException if that does not answer. */
    private boolean answer(Question question) throws SQLException {
        try {
            return question.ask();
        } catch (RuntimeException e) {
            if (e.getCause() instanceof SQLException cause) {
                throw failed(cause);
            }
            throw e;
        }
    }

    @Override
    public boolean supportsMixedCaseIdentifiers() throws SQLException {
        return answer(super::supportsMixedCaseIdentifiers);
    }

    @Override
    public boolean supportsMixedCaseQuotedIdentifiers() throws SQLException {
        return answer(super::supportsMixedCaseQuotedIdentifiers);
    }

    @Override
    public boolean storesUpperCaseIdentifiers() throws SQLException {
        return answer(super::storesUpperCaseIdentifiers);
    }

    @Override
    public boolean storesLowerCaseIdentifiers() throws SQLException {
        return answer(super::storesLowerCaseIdentifiers);
    }

    @Override
    public boolean storesMixedCaseIdentifiers() throws SQLException {
        return answer(super::storesMixedCaseIdentifiers);
    }

    @Override
    public boolean storesMixedCaseQuotedIdentifiers() throws SQLException {
        return answer(super::storesMixedCaseQuotedIdentifiers);
    }

    @Override
    public String getURL() throws SQLException {
        super.getURL(); // Throws what H2 throws if the connection is closed.
        return url;
    }

    @Override
    public String getDriverName() {
        return NAME;
    }

    @Override
    public String getDriverVersion() {
        return VERSION;
    }

    @Override
    public int getDriverMajorVersion() {
        return MAJOR_VERSION;
    }

    @Override
    public int getDriverMinorVersion() {
        return MINOR_VERSION;
    }

    @Override
    public Connection getConnection() throws SQLException {
        super.getConnection();
        return face;
    }

    @Override
    public boolean isReadOnly() throws SQLException {
        return connection.isReadOnly();
    }

    /** H2's columns. H2 lists only what has been set; tools look here to see what can be. */
    @Override
    public ResultSet getClientInfoProperties() throws SQLException {
        begin("DatabaseMetaData.getClientInfoProperties");
        try {
            return result(clientInfoProperties());
        } catch (SQLException e) {
            throw failed(e);
        } finally {
            end();
        }
    }

    private ResultSet clientInfoProperties() throws SQLException {
        PreparedStatement query = attachment
                .connection()
                .prepareStatement("SELECT * FROM (VALUES (?, 2147483647, '', ?, ?), (?, 2147483647, '', ?, ?),"
                        + " (?, 2147483647, '', ?, ?), (?, 2147483647, '', ?, ?))"
                        + " AS P(NAME, MAX_LEN, DEFAULT_VALUE, DESCRIPTION, \"VALUE\") ORDER BY NAME");
        query.closeOnCompletion();
        int parameter = 1;
        for (Map.Entry<String, String> property : ClientWords.DESCRIPTIONS.entrySet()) {
            query.setString(parameter++, property.getKey());
            query.setString(parameter++, property.getValue());
            query.setString(parameter++, connection.getClientInfo(property.getKey()));
        }
        return query.executeQuery();
    }

    @Override
    public <T> T unwrap(Class<T> type) throws SQLException {
        return Unwrapping.unwrap(this, delegate, type);
    }

    @Override
    public boolean isWrapperFor(Class<?> type) throws SQLException {
        return Unwrapping.isWrapperFor(this, delegate, type);
    }
}
