package io.mortise.driver;

import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.Name;
import javax.naming.Reference;
import javax.naming.spi.ObjectFactory;
import org.jspecify.annotations.Nullable;

/** Makes a data source of what a naming service has kept of it. Thread-safe. */
public final class MortiseDataSourceFactory implements ObjectFactory {
    /** Null for what is not one of ours: then the naming service asks the next factory. */
    @Override
    public @Nullable Object getObjectInstance(
            @Nullable Object object,
            @Nullable Name name,
            @Nullable Context context,
            @Nullable Hashtable<?, ?> environment) {
        if (object instanceof Reference reference
                && MortiseDataSource.class.getName().equals(reference.getClassName())) {
            return MortiseDataSource.of(reference);
        }
        return null;
    }
}
