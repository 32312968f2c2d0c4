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
 * Walks one file of the main sources and finds values that do not say what they mean: a boolean parameter, and -1 where it has no
 * name.
 */
final class ValueRules extends TreeScanner<@Nullable Void, @Nullable Void> {
    private final SourceFile file;
    private final List<String> complaints = new ArrayList<>();
    private final Map<String, Integer> flags = new TreeMap<>();

    private ValueRules(SourceFile file) {
        this.file = file;
    }

    /** All that is wrong, but for boolean parameters, which are {@link #booleanParameters}. */
    static List<String> complaints(SourceFile file) {
        return file.isMain() ? walked(file).complaints : List.of();
    }

    /** How many boolean parameters each method of the file has, as {@code Type.method}. */
    static Map<String, Integer> booleanParameters(SourceFile file) {
        return file.isMain() ? walked(file).flags : Map.of();
    }

    private static ValueRules walked(SourceFile file) {
        ValueRules rules = new ValueRules(file);
        rules.scan(file.tree(), null);
        return rules;
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
            flags.merge(file.typeName() + "." + name, count, Integer::sum);
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
            long line = file.lineAt(file.positions().getStartPosition(file.tree(), literal));
            complaints.add("%s:%d says -1, which may mean anything: name it, or say it by a type (OptionalInt, an enum)"
                    .formatted(file.path(), line));
        }
        return super.visitLiteral(literal, nothing);
    }
}
