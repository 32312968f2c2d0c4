package io.mortise.engine.jmx;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.mortise.engine.meter.DatabaseMeters;
import io.mortise.engine.virtual.Catalog;
import java.lang.management.ManagementFactory;
import java.util.function.BooleanSupplier;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;

/**
 * Whether JMX shows a database: it does from {@link #start} to {@link #stop}, which is for good once the database has
 * closed. The JVM's server of beans, which takes a while to make, is not touched before. Thread-safe.
 */
public final class Management {
    /**
     * A web application that is deployed twice has two databases of one name, each behind a class loader of its own.
     */
    private static final int MOST_OF_ONE_NAME = 1000;

    private final String database;
    private final DatabaseMXBean bean;

    @GuardedBy("this")
    private @Nullable ObjectName name;

    @GuardedBy("this")
    private boolean closed;

    /** @param showsKeys may keys of rows be seen outside of the database? */
    public Management(Catalog catalog, DatabaseMeters meters, BooleanSupplier showsKeys) {
        this.database = meters.database();
        this.bean = new ShownDatabase(catalog, meters, showsKeys);
    }

    /** No effect if JMX shows it already, or if it is closed. */
    public synchronized void start() {
        if (name == null && !closed) {
            name = register(ManagementFactory.getPlatformMBeanServer());
        }
    }

    private ObjectName register(MBeanServer server) {
        for (int instance = 1; instance <= MOST_OF_ONE_NAME; instance++) {
            String another = instance == 1 ? "" : ",instance=" + instance;
            try {
                ObjectName free =
                        new ObjectName("io.mortise:type=Database,name=" + ObjectName.quote(database) + another);
                server.registerMBean(bean, free);
                return free;
            } catch (InstanceAlreadyExistsException taken) {
                continue;
            } catch (JMException e) {
                throw new AssertionError("a quoted name is a name, and the bean keeps JMX's rules", e);
            }
        }
        throw new IllegalStateException(MOST_OF_ONE_NAME + " databases of this name are shown already: " + database);
    }

    /** No effect if JMX does not show it. */
    public synchronized void stop() {
        ObjectName shown = name;
        name = null;
        if (shown != null) {
            try {
                ManagementFactory.getPlatformMBeanServer().unregisterMBean(shown);
            } catch (InstanceNotFoundException gone) {
                return; // Somebody else has taken it out.
            } catch (JMException e) {
                throw new AssertionError("the bean refuses nothing", e);
            }
        }
    }

    /** The database has closed. */
    public synchronized void close() {
        closed = true;
        stop();
    }
}
