package io.mortise.house;

import com.sun.source.tree.CatchTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.IfTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ReturnTree;
import com.sun.source.tree.StatementTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreeScanner;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Walks one file and complains of names, long methods, many parameters, deep nesting and empty catches. */
final class BodyRules extends TreeScanner<@Nullable Void, @Nullable Void> {
    private static final Set<Tree.Kind> LEVELS = Set.of(
            Tree.Kind.FOR_LOOP,
            Tree.Kind.ENHANCED_FOR_LOOP,
            Tree.Kind.WHILE_LOOP,
            Tree.Kind.DO_WHILE_LOOP,
            Tree.Kind.SWITCH,
            Tree.Kind.SWITCH_EXPRESSION,
            Tree.Kind.SYNCHRONIZED,
            Tree.Kind.TRY);

    /** They run in the JVM's common pool, also on two processors since Java 25, where it has one thread. */
    private static final Set<String> ON_ANY_THREAD =
            Set.of("CompletableFuture.runAsync", "CompletableFuture.supplyAsync");

    private final SourceFile file;
    private final List<String> complaints;
    private int level;

    BodyRules(SourceFile file, List<String> complaints) {
        this.file = file;
        this.complaints = complaints;
    }

    @Override
    public @Nullable Void scan(@Nullable Tree tree, @Nullable Void nothing) {
        return tree != null && LEVELS.contains(tree.getKind())
                ? oneLevelDeeper(tree, () -> super.scan(tree, nothing))
                : super.scan(tree, nothing);
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void nothing) {
        for (String complaint : HouseRules.nameComplaints(type.getSimpleName().toString())) {
            complain(type, complaint);
        }
        return super.visitClass(type, nothing);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void nothing) {
        checkLength(method);
        checkParameters(method);
        int outside = level;
        level = 0;
        super.visitMethod(method, nothing);
        level = outside;
        return null;
    }

    /** An {@code else if} is as deep as its {@code if}: it is one list of cases. */
    @Override
    public @Nullable Void visitIf(IfTree branch, @Nullable Void nothing) {
        scan(branch.getCondition(), nothing);
        oneLevelDeeper(branch, () -> scan(branch.getThenStatement(), nothing));
        Tree otherwise = branch.getElseStatement();
        return otherwise == null || otherwise instanceof IfTree
                ? scan(otherwise, nothing)
                : oneLevelDeeper(otherwise, () -> scan(otherwise, nothing));
    }

    @Override
    public @Nullable Void visitCatch(CatchTree caught, @Nullable Void nothing) {
        if (caught.getBlock().getStatements().isEmpty()) {
            complain(
                    caught,
                    "catches %s and does nothing: handle it, or let it fly, or return and say why that is right"
                            .formatted(caught.getParameter().getType()));
        }
        return super.visitCatch(caught, nothing);
    }

    @Override
    public @Nullable Void visitMethodInvocation(MethodInvocationTree call, @Nullable Void nothing) {
        String name = call.getMethodSelect().toString();
        if (ON_ANY_THREAD.contains(name) && call.getArguments().size() == 1) {
            complain(
                    call,
                    name
                            + " without a thread: on two processors all of those may have only one; name the thread it runs on");
        }
        return super.visitMethodInvocation(call, nothing);
    }

    private void checkLength(MethodTree method) {
        long lines = lineAtEnd(method) - lineAtStart(method) + 1;
        int limit = limit(method);
        if (lines > limit) {
            complain(
                    method,
                    "method %s has %d lines, %d are allowed: name its steps and make each a method"
                            .formatted(method.getName(), lines, limit));
        }
    }

    private int limit(MethodTree method) {
        if (method.getBody() == null || isOneReturn(method.getBody().getStatements())) {
            return HouseRules.STATEMENT_LINES;
        }
        return file.isMain() ? HouseRules.METHOD_LINES : HouseRules.TEST_METHOD_LINES;
    }

    private static boolean isOneReturn(List<? extends StatementTree> body) {
        return body.size() == 1 && body.get(0) instanceof ReturnTree;
    }

    private void checkParameters(MethodTree method) {
        int count = method.getParameters().size();
        boolean waived = Waiver.PARAMETERS.containsKey(file.typeName() + "." + method.getName());
        if (file.isMain() && count > HouseRules.PARAMETERS && !waived && !isDictatedFromOutside(method)) {
            complain(
                    method,
                    "method %s has %d parameters, %d are allowed: those that travel together are a record"
                            .formatted(method.getName(), count, HouseRules.PARAMETERS));
        }
    }

    /** An override has the parameters of what it overrides; JUnit's parameterised tests those of their table. */
    private static boolean isDictatedFromOutside(MethodTree method) {
        return method.getModifiers().getAnnotations().stream()
                .map(annotation -> annotation.getAnnotationType().toString())
                .anyMatch(name -> name.equals("Override") || name.equals("ParameterizedTest"));
    }

    private @Nullable Void oneLevelDeeper(Tree tree, Runnable body) {
        level++;
        if (level == HouseRules.NESTING + 1) {
            complain(
                    tree,
                    "nests %d levels deep, %d are allowed: turn a condition round and return early, or name the inner part"
                            .formatted(level, HouseRules.NESTING));
        }
        body.run();
        level--;
        return null;
    }

    private void complain(Tree tree, String what) {
        complaints.add("%s:%d %s".formatted(file.path(), lineAtStart(tree), what));
    }

    private long lineAtStart(Tree tree) {
        return file.lineAt(file.positions().getStartPosition(file.tree(), tree));
    }

    private long lineAtEnd(Tree tree) {
        return file.lineAt(file.positions().getEndPosition(file.tree(), tree));
    }
}
