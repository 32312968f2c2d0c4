package io.mortise.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Gives the test methods of a class, or one test method, an {@link Interleaving}: a database in memory of its own for
 * each test, whose sessions are closed afterwards.
 */
@Documented
@Inherited
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(InterleavingExtension.class)
public @interface Interleaved {
    /**
     * Where the database is, {@code "jdbc:mortise:postgresql://localhost/test?user=me"}; <code>${name}</code> in it
     * stands for the system property of that name. Empty for a fresh one in memory for each test.
     */
    String url() default "";

    /** Settings of the database, as in its URL: {@code "LOCK_POLICY=kognitio"}. */
    String[] settings() default {};
}
