package io.mortise.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Texts are the client's: names, statements, values of keys. Whoever chooses them so that their hashes are equal makes
 * a hash table look at all of them, unless they can be ordered. So what contains a text, and is looked up by it, is
 * Comparable.
 */
final class MapKeysTest {
    private static Stream<Class<?>> main() {
        return new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("io.mortise.engine").stream()
                        .filter(type -> !type.isAnonymousClass())
                        .map(JavaClass::reflect);
    }

    /** What the fields of the engine are looked up by. */
    private static Stream<Class<?>> keys() {
        return main().flatMap(type -> Arrays.stream(type.getDeclaredFields()))
                .filter(field -> !Modifier.isStatic(field.getModifiers()))
                .map(MapKeysTest::key)
                .filter(Class.class::isInstance)
                .map(key -> (Class<?>) key)
                .flatMap(key -> key.isSealed() ? Arrays.stream(key.getPermittedSubclasses()) : Stream.of(key))
                .distinct();
    }

    private static Type key(Field field) {
        boolean isTable = Map.class.isAssignableFrom(field.getType()) || Set.class.isAssignableFrom(field.getType());
        return isTable && field.getGenericType() instanceof ParameterizedType type
                ? type.getActualTypeArguments()[0]
                : void.class;
    }

    private static boolean hasText(Class<?> type) {
        return type.isRecord()
                && Arrays.stream(type.getRecordComponents())
                        .map(RecordComponent::getType)
                        .anyMatch(part -> part == String.class || List.class.isAssignableFrom(part) || hasText(part));
    }

    @Test
    void whatIsLookedUpByTextsHasAnOrder() {
        Set<String> unordered = new TreeSet<>();
        Set<String> ordered = new TreeSet<>();
        keys().filter(MapKeysTest::hasText)
                .forEach(
                        key -> (Comparable.class.isAssignableFrom(key) ? ordered : unordered).add(key.getSimpleName()));

        assertThat(unordered).isEmpty();
        assertThat(ordered).containsExactly("Edge", "Key", "Name", "UniqueKey"); // They are found at all.
    }
}
