package io.mortise.driver.forwarding;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import org.jspecify.annotations.NullUnmarked;

/** Hands every call of PreparedStatement on to another; see {@link ForwardingStatement}. */
@NullUnmarked
public abstract class ForwardingPreparedStatement extends ForwardingStatement implements PreparedStatement {
    private final PreparedStatement target;
    protected final String sql;

    protected ForwardingPreparedStatement(PreparedStatement target, StatementCalls calls, String sql) {
        super(target, calls);
        this.target = target;
        this.sql = sql;
    }

    @Override
    protected String batchText() {
        return sql;
    }

    @Override
    public void addBatch() throws SQLException {
        try {
            target.addBatch();
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void clearParameters() throws SQLException {
        try {
            target.clearParameters();
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public boolean execute() throws SQLException {
        calls.begin(sql);
        try {
            return calls.executed(target.execute());
        } catch (SQLException e) {
            throw calls.failed(e);
        } finally {
            calls.end();
        }
    }

    @Override
    public long executeLargeUpdate() throws SQLException {
        calls.begin(sql);
        try {
            return target.executeLargeUpdate();
        } catch (SQLException e) {
            throw calls.failed(e);
        } finally {
            calls.end();
        }
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
        calls.begin(sql);
        try {
            return calls.result(target.executeQuery());
        } catch (SQLException e) {
            throw calls.failed(e);
        } finally {
            calls.end();
        }
    }

    @Override
    public int executeUpdate() throws SQLException {
        calls.begin(sql);
        try {
            return target.executeUpdate();
        } catch (SQLException e) {
            throw calls.failed(e);
        } finally {
            calls.end();
        }
    }

    @Override
    public ResultSetMetaData getMetaData() throws SQLException {
        try {
            return target.getMetaData();
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public ParameterMetaData getParameterMetaData() throws SQLException {
        try {
            return target.getParameterMetaData();
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setArray(int parameterIndex, Array value) throws SQLException {
        try {
            target.setArray(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setAsciiStream(int parameterIndex, InputStream value) throws SQLException {
        try {
            target.setAsciiStream(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setAsciiStream(int parameterIndex, InputStream value, int length) throws SQLException {
        try {
            target.setAsciiStream(parameterIndex, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setAsciiStream(int parameterIndex, InputStream value, long length) throws SQLException {
        try {
            target.setAsciiStream(parameterIndex, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBigDecimal(int parameterIndex, BigDecimal value) throws SQLException {
        try {
            target.setBigDecimal(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBinaryStream(int parameterIndex, InputStream value) throws SQLException {
        try {
            target.setBinaryStream(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBinaryStream(int parameterIndex, InputStream value, int length) throws SQLException {
        try {
            target.setBinaryStream(parameterIndex, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBinaryStream(int parameterIndex, InputStream value, long length) throws SQLException {
        try {
            target.setBinaryStream(parameterIndex, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBlob(int parameterIndex, InputStream value) throws SQLException {
        try {
            target.setBlob(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBlob(int parameterIndex, Blob value) throws SQLException {
        try {
            target.setBlob(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBlob(int parameterIndex, InputStream value, long length) throws SQLException {
        try {
            target.setBlob(parameterIndex, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBoolean(int parameterIndex, boolean value) throws SQLException {
        try {
            target.setBoolean(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setByte(int parameterIndex, byte value) throws SQLException {
        try {
            target.setByte(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBytes(int parameterIndex, byte[] value) throws SQLException {
        try {
            target.setBytes(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setCharacterStream(int parameterIndex, Reader value) throws SQLException {
        try {
            target.setCharacterStream(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setCharacterStream(int parameterIndex, Reader value, int length) throws SQLException {
        try {
            target.setCharacterStream(parameterIndex, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setCharacterStream(int parameterIndex, Reader value, long length) throws SQLException {
        try {
            target.setCharacterStream(parameterIndex, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setClob(int parameterIndex, Reader value) throws SQLException {
        try {
            target.setClob(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setClob(int parameterIndex, Clob value) throws SQLException {
        try {
            target.setClob(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setClob(int parameterIndex, Reader value, long length) throws SQLException {
        try {
            target.setClob(parameterIndex, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setDate(int parameterIndex, Date value) throws SQLException {
        try {
            target.setDate(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setDate(int parameterIndex, Date value, Calendar calendar) throws SQLException {
        try {
            target.setDate(parameterIndex, value, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setDouble(int parameterIndex, double value) throws SQLException {
        try {
            target.setDouble(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setFloat(int parameterIndex, float value) throws SQLException {
        try {
            target.setFloat(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setInt(int parameterIndex, int value) throws SQLException {
        try {
            target.setInt(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setLong(int parameterIndex, long value) throws SQLException {
        try {
            target.setLong(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNCharacterStream(int parameterIndex, Reader value) throws SQLException {
        try {
            target.setNCharacterStream(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNCharacterStream(int parameterIndex, Reader value, long length) throws SQLException {
        try {
            target.setNCharacterStream(parameterIndex, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNClob(int parameterIndex, Reader value) throws SQLException {
        try {
            target.setNClob(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNClob(int parameterIndex, NClob value) throws SQLException {
        try {
            target.setNClob(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNClob(int parameterIndex, Reader value, long length) throws SQLException {
        try {
            target.setNClob(parameterIndex, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNString(int parameterIndex, String value) throws SQLException {
        try {
            target.setNString(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNull(int parameterIndex, int sqlType) throws SQLException {
        try {
            target.setNull(parameterIndex, sqlType);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNull(int parameterIndex, int sqlType, String typeName) throws SQLException {
        try {
            target.setNull(parameterIndex, sqlType, typeName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setObject(int parameterIndex, Object value) throws SQLException {
        try {
            target.setObject(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setObject(int parameterIndex, Object value, int targetType) throws SQLException {
        try {
            target.setObject(parameterIndex, value, targetType);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setObject(int parameterIndex, Object value, SQLType targetType) throws SQLException {
        try {
            target.setObject(parameterIndex, value, targetType);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setObject(int parameterIndex, Object value, int targetType, int scaleOrLength) throws SQLException {
        try {
            target.setObject(parameterIndex, value, targetType, scaleOrLength);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setObject(int parameterIndex, Object value, SQLType targetType, int scaleOrLength) throws SQLException {
        try {
            target.setObject(parameterIndex, value, targetType, scaleOrLength);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setRef(int parameterIndex, Ref value) throws SQLException {
        try {
            target.setRef(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setRowId(int parameterIndex, RowId value) throws SQLException {
        try {
            target.setRowId(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setSQLXML(int parameterIndex, SQLXML value) throws SQLException {
        try {
            target.setSQLXML(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setShort(int parameterIndex, short value) throws SQLException {
        try {
            target.setShort(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setString(int parameterIndex, String value) throws SQLException {
        try {
            target.setString(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setTime(int parameterIndex, Time value) throws SQLException {
        try {
            target.setTime(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setTime(int parameterIndex, Time value, Calendar calendar) throws SQLException {
        try {
            target.setTime(parameterIndex, value, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setTimestamp(int parameterIndex, Timestamp value) throws SQLException {
        try {
            target.setTimestamp(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setTimestamp(int parameterIndex, Timestamp value, Calendar calendar) throws SQLException {
        try {
            target.setTimestamp(parameterIndex, value, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setURL(int parameterIndex, URL value) throws SQLException {
        try {
            target.setURL(parameterIndex, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    @Deprecated
    public void setUnicodeStream(int parameterIndex, InputStream value, int length) throws SQLException {
        try {
            target.setUnicodeStream(parameterIndex, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }
}
