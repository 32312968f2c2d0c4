package io.mortise.driver;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Types of one package that know each other in a circle are a knot: a line in one of them may touch all. Packages have
 * no circle among them, as {@code ArchitectureTest} says, so a knot is within one package. Engine, driver and testkit
 * are read.
 */
final class KnotsTest {
    private static final int LARGEST = 4;

    @Test
    void noMoreThanFourTypesAreTiedTogether() {
        Map<String, Set<String>> uses = usesWithinPackages();
        assertThat(uses)
                .as("all three modules are read")
                .containsKeys(
                        "io.mortise.engine.lock.LockManager",
                        "io.mortise.driver.MortiseConnection",
                        "io.mortise.testkit.TestSession");

        assertThat(knots(uses).stream().filter(knot -> knot.size() > LARGEST))
                .as("let one of them know an interface, or a part, of another instead of the whole of it")
                .isEmpty();
    }

    @Test
    void aKnotIsFoundWithItsMembersAndNobodyElse() {
        assertThat(knots(Map.of(
                        "Door", Set.of("A"),
                        "A", Set.of("B"),
                        "B", Set.of("C", "Lamp"),
                        "C", Set.of("A"),
                        "Lamp", Set.of())))
                .containsExactly(Set.of("A", "B", "C"));
    }

    /** Each top-level type, and those of its own package that it uses; what is inside a type counts as the type. */
    private static Map<String, Set<String>> usesWithinPackages() {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass type : new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("io.mortise.engine", "io.mortise.driver", "io.mortise.testkit")) {
            Set<String> used = uses.computeIfAbsent(topLevel(type), missing -> new TreeSet<>());
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getPackageName().equals(type.getPackageName())
                        && !topLevel(target).equals(topLevel(type))) {
                    used.add(topLevel(target));
                }
            }
        }
        return uses;
    }

    private static String topLevel(JavaClass type) {
        return type.getName().split("\\$", 2)[0];
    }

    private static List<Set<String>> knots(Map<String, Set<String>> uses) {
        Map<String, Set<String>> reached = new TreeMap<>();
        uses.keySet().forEach(type -> reached.put(type, reach(type, uses::get)));
        List<Set<String>> knots = new ArrayList<>();
        for (String type : reached.keySet()) {
            Set<String> knot = new TreeSet<>(reached.get(type));
            knot.removeIf(other -> !reached.getOrDefault(other, Set.of()).contains(type));
            if (!knot.isEmpty() && knot.iterator().next().equals(type)) {
                knots.add(knot);
            }
        }
        return knots;
    }

    /** All that a type uses, and what those use, and so on; itself only if it comes back to itself. */
    private static Set<String> reach(String type, Function<String, Set<String>> uses) {
        Set<String> reached = new TreeSet<>();
        Deque<String> next = new ArrayDeque<>(Set.of(type));
        while (!next.isEmpty()) {
            for (String used : uses.apply(next.remove())) {
                if (reached.add(used)) {
                    next.add(used);
                }
            }
        }
        return reached;
    }
}
