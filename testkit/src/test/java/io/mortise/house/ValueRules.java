package io.mortise.house;

import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.lang.model.element.Modifier;
import org.jspecify.annotations.Nullable;

/**
 * Walks one file of the main sources and counts values that do not say what they mean: a boolean parameter, and -1
 * where it has no name.
 */
final class ValueRules extends TreeScanner<@Nullable Void, @Nullable Void> {
    /** Programs for measuring and trying are not read so often. */
    private static final String HOUSE = "(?!bench/|compat/|examples/|stress/).*src/main/.*";

    private final SourceFile file;
    private final Map<String, Integer> booleans;
    private final Map<String, Integer> minusOnes;

    private ValueRules(SourceFile file, Map<String, Integer> booleans, Map<String, Integer> minusOnes) {
        this.file = file;
        this.booleans = booleans;
        this.minusOnes = minusOnes;
    }

    /**
     * What is wrong with these files.
     *
     * @param booleansLeft how many boolean parameters a method may have all the same, by {@code Type.method}
     * @param minusOnesLeft how often a file may say -1 all the same, by its type
     */
    static List<String> complaints(
            List<SourceFile> files, Map<String, Integer> booleansLeft, Map<String, Integer> minusOnesLeft) {
        Map<String, Integer> booleans = new TreeMap<>();
        Map<String, Integer> minusOnes = new TreeMap<>();
        for (SourceFile file : files) {
            if (file.path().matches(HOUSE)) {
                new ValueRules(file, booleans, minusOnes).scan(file.tree(), null);
            }
        }
        List<String> complaints = new ArrayList<>();
        compare(
                booleans,
                booleansLeft,
                "%s has %d boolean parameters, %d are allowed: make it an enum, or two methods" + " whose names say it",
                complaints);
        compare(
                minusOnes,
                minusOnesLeft,
                "%s says -1 without a name %d times, %d are allowed: name it, or say it by a"
                        + " type (OptionalInt, an enum)",
                complaints);
        return complaints;
    }

    private static void compare(
            Map<String, Integer> found, Map<String, Integer> left, String complaint, List<String> complaints) {
        found.forEach((place, count) -> {
            int allowed = left.getOrDefault(place, 0);
            if (count > allowed) {
                complaints.add(complaint.formatted(place, count, allowed));
            }
        });
        left.forEach((place, allowed) -> {
            int count = found.getOrDefault(place, 0);
            if (count < allowed) {
                complaints.add(
                        "%s has %d of the %d that are allowed: set it to %d in GuessedValues, or take its line out"
                                .formatted(place, count, allowed, count));
            }
        });
    }

    /** An override has the parameters of what it overrides, and a setter of one value says by its name what is true. */
    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
        boolean isOverride = method.getModifiers().getAnnotations().stream()
                .anyMatch(
                        annotation -> annotation.getAnnotationType().toString().equals("Override"));
        String name = method.getName().toString();
        boolean isSetter = name.startsWith("set") && method.getParameters().size() == 1;
        int count = (int) method.getParameters().stream()
                .filter(parameter -> String.valueOf(parameter.getType()).equals("boolean"))
                .count();
        if (count > 0 && !isOverride && !isSetter) {
            booleans.merge(file.typeName() + "." + name, count, Integer::sum);
        }
        return super.visitMethod(method, nothing);
    }

    @Override
    public @Nullable Void visitVariable(VariableTree variable, @Nullable Void nothing) {
        Set<Modifier> modifiers = variable.getModifiers().getFlags();
        boolean isConstant = modifiers.contains(Modifier.STATIC) && modifiers.contains(Modifier.FINAL);
        return isConstant ? null : super.visitVariable(variable, nothing);
    }

    /** The compiler reads a minus and a number behind it as one. */
    @Override
    public @Nullable Void visitLiteral(LiteralTree literal, @Nullable Void nothing) {
        if (Integer.valueOf(-1).equals(literal.getValue()) || Long.valueOf(-1).equals(literal.getValue())) {
            minusOnes.merge(file.typeName(), 1, Integer::sum);
        }
        return super.visitLiteral(literal, nothing);
    }
}
