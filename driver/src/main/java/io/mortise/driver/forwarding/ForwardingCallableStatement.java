package io.mortise.driver.forwarding;

import java.io.InputStream;
import java.io.Reader;
import java.math.BigDecimal;
import java.net.URL;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.Date;
import java.sql.NClob;
import java.sql.Ref;
import java.sql.RowId;
import java.sql.SQLException;
import java.sql.SQLType;
import java.sql.SQLXML;
import java.sql.Time;
import java.sql.Timestamp;
import java.util.Calendar;
import java.util.Map;
import org.jspecify.annotations.NullUnmarked;

/** Hands every call of CallableStatement on to another; see {@link ForwardingStatement}. */
@NullUnmarked
public abstract class ForwardingCallableStatement extends ForwardingPreparedStatement implements CallableStatement {
    private final CallableStatement target;

    protected ForwardingCallableStatement(CallableStatement target, StatementCalls calls, String sql) {
        super(target, calls, sql);
        this.target = target;
    }

    @Override
    public Array getArray(int parameterIndex) throws SQLException {
        try {
            return target.getArray(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Array getArray(String parameterName) throws SQLException {
        try {
            return target.getArray(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public BigDecimal getBigDecimal(int parameterIndex) throws SQLException {
        try {
            return target.getBigDecimal(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public BigDecimal getBigDecimal(String parameterName) throws SQLException {
        try {
            return target.getBigDecimal(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    @Deprecated
    public BigDecimal getBigDecimal(int parameterIndex, int scale) throws SQLException {
        try {
            return target.getBigDecimal(parameterIndex, scale);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Blob getBlob(int parameterIndex) throws SQLException {
        try {
            return target.getBlob(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Blob getBlob(String parameterName) throws SQLException {
        try {
            return target.getBlob(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public boolean getBoolean(int parameterIndex) throws SQLException {
        try {
            return target.getBoolean(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public boolean getBoolean(String parameterName) throws SQLException {
        try {
            return target.getBoolean(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public byte getByte(int parameterIndex) throws SQLException {
        try {
            return target.getByte(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public byte getByte(String parameterName) throws SQLException {
        try {
            return target.getByte(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public byte[] getBytes(int parameterIndex) throws SQLException {
        try {
            return target.getBytes(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public byte[] getBytes(String parameterName) throws SQLException {
        try {
            return target.getBytes(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Reader getCharacterStream(int parameterIndex) throws SQLException {
        try {
            return target.getCharacterStream(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Reader getCharacterStream(String parameterName) throws SQLException {
        try {
            return target.getCharacterStream(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Clob getClob(int parameterIndex) throws SQLException {
        try {
            return target.getClob(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Clob getClob(String parameterName) throws SQLException {
        try {
            return target.getClob(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Date getDate(int parameterIndex) throws SQLException {
        try {
            return target.getDate(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Date getDate(String parameterName) throws SQLException {
        try {
            return target.getDate(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Date getDate(int parameterIndex, Calendar calendar) throws SQLException {
        try {
            return target.getDate(parameterIndex, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Date getDate(String parameterName, Calendar calendar) throws SQLException {
        try {
            return target.getDate(parameterName, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public double getDouble(int parameterIndex) throws SQLException {
        try {
            return target.getDouble(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public double getDouble(String parameterName) throws SQLException {
        try {
            return target.getDouble(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public float getFloat(int parameterIndex) throws SQLException {
        try {
            return target.getFloat(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public float getFloat(String parameterName) throws SQLException {
        try {
            return target.getFloat(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public int getInt(int parameterIndex) throws SQLException {
        try {
            return target.getInt(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public int getInt(String parameterName) throws SQLException {
        try {
            return target.getInt(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public long getLong(int parameterIndex) throws SQLException {
        try {
            return target.getLong(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public long getLong(String parameterName) throws SQLException {
        try {
            return target.getLong(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Reader getNCharacterStream(int parameterIndex) throws SQLException {
        try {
            return target.getNCharacterStream(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Reader getNCharacterStream(String parameterName) throws SQLException {
        try {
            return target.getNCharacterStream(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public NClob getNClob(int parameterIndex) throws SQLException {
        try {
            return target.getNClob(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public NClob getNClob(String parameterName) throws SQLException {
        try {
            return target.getNClob(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public String getNString(int parameterIndex) throws SQLException {
        try {
            return target.getNString(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public String getNString(String parameterName) throws SQLException {
        try {
            return target.getNString(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Object getObject(int parameterIndex) throws SQLException {
        try {
            return target.getObject(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Object getObject(String parameterName) throws SQLException {
        try {
            return target.getObject(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public <T> T getObject(int parameterIndex, Class<T> type) throws SQLException {
        try {
            return target.getObject(parameterIndex, type);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public <T> T getObject(String parameterName, Class<T> type) throws SQLException {
        try {
            return target.getObject(parameterName, type);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Object getObject(int parameterIndex, Map<String, Class<?>> map) throws SQLException {
        try {
            return target.getObject(parameterIndex, map);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Object getObject(String parameterName, Map<String, Class<?>> map) throws SQLException {
        try {
            return target.getObject(parameterName, map);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Ref getRef(int parameterIndex) throws SQLException {
        try {
            return target.getRef(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Ref getRef(String parameterName) throws SQLException {
        try {
            return target.getRef(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public RowId getRowId(int parameterIndex) throws SQLException {
        try {
            return target.getRowId(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public RowId getRowId(String parameterName) throws SQLException {
        try {
            return target.getRowId(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public SQLXML getSQLXML(int parameterIndex) throws SQLException {
        try {
            return target.getSQLXML(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public SQLXML getSQLXML(String parameterName) throws SQLException {
        try {
            return target.getSQLXML(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public short getShort(int parameterIndex) throws SQLException {
        try {
            return target.getShort(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public short getShort(String parameterName) throws SQLException {
        try {
            return target.getShort(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public String getString(int parameterIndex) throws SQLException {
        try {
            return target.getString(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public String getString(String parameterName) throws SQLException {
        try {
            return target.getString(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Time getTime(int parameterIndex) throws SQLException {
        try {
            return target.getTime(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Time getTime(String parameterName) throws SQLException {
        try {
            return target.getTime(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Time getTime(int parameterIndex, Calendar calendar) throws SQLException {
        try {
            return target.getTime(parameterIndex, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Time getTime(String parameterName, Calendar calendar) throws SQLException {
        try {
            return target.getTime(parameterName, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Timestamp getTimestamp(int parameterIndex) throws SQLException {
        try {
            return target.getTimestamp(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Timestamp getTimestamp(String parameterName) throws SQLException {
        try {
            return target.getTimestamp(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Timestamp getTimestamp(int parameterIndex, Calendar calendar) throws SQLException {
        try {
            return target.getTimestamp(parameterIndex, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public Timestamp getTimestamp(String parameterName, Calendar calendar) throws SQLException {
        try {
            return target.getTimestamp(parameterName, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public URL getURL(int parameterIndex) throws SQLException {
        try {
            return target.getURL(parameterIndex);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public URL getURL(String parameterName) throws SQLException {
        try {
            return target.getURL(parameterName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(int parameterIndex, int sqlType) throws SQLException {
        try {
            target.registerOutParameter(parameterIndex, sqlType);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(String parameterName, int sqlType) throws SQLException {
        try {
            target.registerOutParameter(parameterName, sqlType);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(int parameterIndex, SQLType sqlType) throws SQLException {
        try {
            target.registerOutParameter(parameterIndex, sqlType);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(String parameterName, SQLType sqlType) throws SQLException {
        try {
            target.registerOutParameter(parameterName, sqlType);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(int parameterIndex, int sqlType, int scale) throws SQLException {
        try {
            target.registerOutParameter(parameterIndex, sqlType, scale);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(int parameterIndex, int sqlType, String typeName) throws SQLException {
        try {
            target.registerOutParameter(parameterIndex, sqlType, typeName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(String parameterName, int sqlType, int scale) throws SQLException {
        try {
            target.registerOutParameter(parameterName, sqlType, scale);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(String parameterName, int sqlType, String typeName) throws SQLException {
        try {
            target.registerOutParameter(parameterName, sqlType, typeName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(int parameterIndex, SQLType sqlType, int scale) throws SQLException {
        try {
            target.registerOutParameter(parameterIndex, sqlType, scale);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(int parameterIndex, SQLType sqlType, String typeName) throws SQLException {
        try {
            target.registerOutParameter(parameterIndex, sqlType, typeName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(String parameterName, SQLType sqlType, int scale) throws SQLException {
        try {
            target.registerOutParameter(parameterName, sqlType, scale);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void registerOutParameter(String parameterName, SQLType sqlType, String typeName) throws SQLException {
        try {
            target.registerOutParameter(parameterName, sqlType, typeName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setAsciiStream(String parameterName, InputStream value) throws SQLException {
        try {
            target.setAsciiStream(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setAsciiStream(String parameterName, InputStream value, int length) throws SQLException {
        try {
            target.setAsciiStream(parameterName, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setAsciiStream(String parameterName, InputStream value, long length) throws SQLException {
        try {
            target.setAsciiStream(parameterName, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBigDecimal(String parameterName, BigDecimal value) throws SQLException {
        try {
            target.setBigDecimal(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBinaryStream(String parameterName, InputStream value) throws SQLException {
        try {
            target.setBinaryStream(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBinaryStream(String parameterName, InputStream value, int length) throws SQLException {
        try {
            target.setBinaryStream(parameterName, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBinaryStream(String parameterName, InputStream value, long length) throws SQLException {
        try {
            target.setBinaryStream(parameterName, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBlob(String parameterName, InputStream value) throws SQLException {
        try {
            target.setBlob(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBlob(String parameterName, Blob value) throws SQLException {
        try {
            target.setBlob(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBlob(String parameterName, InputStream value, long length) throws SQLException {
        try {
            target.setBlob(parameterName, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBoolean(String parameterName, boolean value) throws SQLException {
        try {
            target.setBoolean(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setByte(String parameterName, byte value) throws SQLException {
        try {
            target.setByte(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setBytes(String parameterName, byte[] value) throws SQLException {
        try {
            target.setBytes(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setCharacterStream(String parameterName, Reader value) throws SQLException {
        try {
            target.setCharacterStream(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setCharacterStream(String parameterName, Reader value, int length) throws SQLException {
        try {
            target.setCharacterStream(parameterName, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setCharacterStream(String parameterName, Reader value, long length) throws SQLException {
        try {
            target.setCharacterStream(parameterName, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setClob(String parameterName, Reader value) throws SQLException {
        try {
            target.setClob(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setClob(String parameterName, Clob value) throws SQLException {
        try {
            target.setClob(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setClob(String parameterName, Reader value, long length) throws SQLException {
        try {
            target.setClob(parameterName, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setDate(String parameterName, Date value) throws SQLException {
        try {
            target.setDate(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setDate(String parameterName, Date value, Calendar calendar) throws SQLException {
        try {
            target.setDate(parameterName, value, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setDouble(String parameterName, double value) throws SQLException {
        try {
            target.setDouble(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setFloat(String parameterName, float value) throws SQLException {
        try {
            target.setFloat(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setInt(String parameterName, int value) throws SQLException {
        try {
            target.setInt(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setLong(String parameterName, long value) throws SQLException {
        try {
            target.setLong(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNCharacterStream(String parameterName, Reader value) throws SQLException {
        try {
            target.setNCharacterStream(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNCharacterStream(String parameterName, Reader value, long length) throws SQLException {
        try {
            target.setNCharacterStream(parameterName, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNClob(String parameterName, Reader value) throws SQLException {
        try {
            target.setNClob(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNClob(String parameterName, NClob value) throws SQLException {
        try {
            target.setNClob(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNClob(String parameterName, Reader value, long length) throws SQLException {
        try {
            target.setNClob(parameterName, value, length);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNString(String parameterName, String value) throws SQLException {
        try {
            target.setNString(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNull(String parameterName, int sqlType) throws SQLException {
        try {
            target.setNull(parameterName, sqlType);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setNull(String parameterName, int sqlType, String typeName) throws SQLException {
        try {
            target.setNull(parameterName, sqlType, typeName);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setObject(String parameterName, Object value) throws SQLException {
        try {
            target.setObject(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setObject(String parameterName, Object value, int targetType) throws SQLException {
        try {
            target.setObject(parameterName, value, targetType);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setObject(String parameterName, Object value, SQLType targetType) throws SQLException {
        try {
            target.setObject(parameterName, value, targetType);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setObject(String parameterName, Object value, int targetType, int scaleOrLength) throws SQLException {
        try {
            target.setObject(parameterName, value, targetType, scaleOrLength);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setObject(String parameterName, Object value, SQLType targetType, int scaleOrLength)
            throws SQLException {
        try {
            target.setObject(parameterName, value, targetType, scaleOrLength);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setRowId(String parameterName, RowId value) throws SQLException {
        try {
            target.setRowId(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setSQLXML(String parameterName, SQLXML value) throws SQLException {
        try {
            target.setSQLXML(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setShort(String parameterName, short value) throws SQLException {
        try {
            target.setShort(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setString(String parameterName, String value) throws SQLException {
        try {
            target.setString(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setTime(String parameterName, Time value) throws SQLException {
        try {
            target.setTime(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setTime(String parameterName, Time value, Calendar calendar) throws SQLException {
        try {
            target.setTime(parameterName, value, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setTimestamp(String parameterName, Timestamp value) throws SQLException {
        try {
            target.setTimestamp(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setTimestamp(String parameterName, Timestamp value, Calendar calendar) throws SQLException {
        try {
            target.setTimestamp(parameterName, value, calendar);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public void setURL(String parameterName, URL value) throws SQLException {
        try {
            target.setURL(parameterName, value);
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }

    @Override
    public boolean wasNull() throws SQLException {
        try {
            return target.wasNull();
        } catch (SQLException e) {
            throw calls.failed(e);
        }
    }
}
