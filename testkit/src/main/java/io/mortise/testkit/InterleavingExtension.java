package io.mortise.testkit;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Resolves a test's parameter of type {@link Interleaving} to a fresh database in memory, and ends it after the test.
 * Then sessions are rolled back and closed. The test fails if a result went unseen or a lock is left. Thread-safe.
 *
 * <p>Used through {@link Interleaved}, or registered with {@code @ExtendWith} where there is nothing to set.
 */
public final class InterleavingExtension implements ParameterResolver, AfterEachCallback {
    private static final ExtensionContext.Namespace OURS =
            ExtensionContext.Namespace.create(InterleavingExtension.class);

    private static final Pattern PROPERTY = Pattern.compile("\\$\\{([^}]+)\\}");

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Interleaving.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        // get and put only: what computes if absent has changed its name between JUnit 5 and 6.
        ExtensionContext.Store store = context.getStore(OURS);
        Interleaving known = store.get(Interleaving.class, Interleaving.class);
        if (known != null) {
            return known;
        }
        Optional<Interleaved> asked = asked(context);
        String[] settings = asked.map(Interleaved::settings).orElse(new String[0]);
        String url = asked.map(Interleaved::url).orElse("");
        Interleaving made = url.isEmpty() ? Interleaving.inMemory(settings) : Interleaving.over(filled(url), settings);
        store.put(Interleaving.class, made);
        return made;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Interleaving used = context.getStore(OURS).remove(Interleaving.class, Interleaving.class);
        if (used == null) {
            return;
        }
        if (context.getExecutionException().isPresent()) {
            used.abandon();
        } else {
            used.close();
        }
    }

    /** What the method says; else its class or an enclosing one. */
    private static Optional<Interleaved> asked(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getElement(), Interleaved.class)
                .or(() -> context.getTestClass()
                        .flatMap(type -> AnnotationSupport.findAnnotation(type, Interleaved.class)));
    }

    private static String filled(String url) {
        return PROPERTY.matcher(url).replaceAll(found -> {
            String value = System.getProperty(found.group(1));
            if (value == null) {
                throw new IllegalStateException("@Interleaved(url = \"" + url + "\"): there is no system property "
                        + found.group(1) + ". Set it before the test, with -D" + found.group(1) + "=...");
            }
            return Matcher.quoteReplacement(value);
        });
    }
}
