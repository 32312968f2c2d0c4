package io.mortise.compat.kit;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Says that the tests of a class try a client. If all of them pass, {@link Tried} writes the client down for the table
 * of {@code docs/works-with.md}, with the version that its jar says it is.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(WorksWith.Several.class)
@ExtendWith(Tried.class)
public @interface WorksWith {
    /** Its name in the table. */
    String client();

    /** A class out of its jar. */
    Class<?> from();

    /** What has been tried. */
    String tried();

    /** What has to be set or added for it, and what the tests set or add. */
    String needs() default "";

    /** Several clients in one class. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.TYPE)
    @ExtendWith(Tried.class)
    @interface Several {
        WorksWith[] value();
    }
}
