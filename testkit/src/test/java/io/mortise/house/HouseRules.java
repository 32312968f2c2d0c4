package io.mortise.house;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.ImportTree;
import com.sun.source.tree.Tree;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The limits of the house and what to do where one is passed. Each complaint names the place, the rule and the cure.
 */
final class HouseRules {
    static final int FILE_LINES = 300;
    static final int JDBC_FILE_LINES = 600;
    /** A test class is a list: its length says how much there is to know. */
    static final int TEST_FILE_LINES = 600;

    static final int METHOD_LINES = 40;
    /** A single statement, the columns of a table for instance, is a list and not a sequence of steps. */
    static final int STATEMENT_LINES = 80;
    /** Arrange, act, assert: one screen. */
    static final int TEST_METHOD_LINES = 50;

    static final int PACKAGE_TYPES = 12;
    static final int PARAMETERS = 4;
    static final int NESTING = 3;

    private static final String DRIVER = "io.mortise.driver";
    private static final String FORWARDING = DRIVER + ".forwarding";
    private static final Pattern EMPTY_WORD = Pattern.compile("(Impl|Helper|Utils?|Info|Data|Base|Manager)$");
    /** LockManager is the one manager; MetaData and ClientInfo are words of java.sql. */
    private static final Pattern NAME_THAT_SAYS_IT = Pattern.compile("^LockManager$|MetaData$|^ClientInfo$");
    // Put together here, so that this file does not break its own rule.
    private static final Pattern PROMISE = Pattern.compile("\\b(" + "TO" + "DO|FIX" + "ME)\\b");
    private static final Pattern OWN_SEED =
            Pattern.compile("getLong\\(\"seed\", *+(?!\\d)|new (Splittable)?Random\\(\\)|ThreadLocalRandom\\.");
    private static final Pattern AUTHOR = Pattern.compile("^\\s*/?\\*+\\s*@" + "author\\b");
    /** Compilers since Java 22 want the annotation of a nested type beside its own name, and refuse this. */
    private static final Pattern FAR_ANNOTATION = Pattern.compile("@Nullable [A-Z]\\w*\\.[A-Z]");

    private static final Pattern COMMENT_OF_NOTHING = Pattern.compile("\\*/\\s*+/\\*\\*");

    private HouseRules() {}

    /** What is wrong inside one file. */
    static List<String> complaints(SourceFile file) {
        List<String> complaints = new ArrayList<>();
        checkLength(file, complaints);
        checkLines(file, complaints);
        checkPlaces(file, complaints);
        new BodyRules(file, complaints).scan(file.tree(), null);
        return complaints;
    }

    /** What is wrong with packages: how many top-level types each may hold. Tests are not counted. */
    static List<String> packageComplaints(List<SourceFile> files, Map<String, Waiver> waivers) {
        Map<String, Long> sizes = files.stream()
                .filter(SourceFile::isMain)
                .collect(Collectors.groupingBy(
                        SourceFile::packageName, TreeMap::new, Collectors.summingLong(HouseRules::types)));
        List<String> complaints = new ArrayList<>();
        sizes.forEach((name, types) -> {
            Waiver waiver = waivers.get(name);
            long limit = waiver == null ? PACKAGE_TYPES : waiver.limit();
            if (types > limit && !name.equals(FORWARDING)) {
                complaints.add(
                        "%s has %d types, %d are allowed: find the second room in it, or nest what belongs to one type; if it truly is one room, give the reason in Waiver"
                                .formatted(name, types, limit));
            }
        });
        waivers.forEach((name, waiver) -> {
            if (sizes.getOrDefault(name, 0L) <= PACKAGE_TYPES) {
                complaints.add("%s needs no waiver any more: take its line out of Waiver".formatted(name));
            }
        });
        return complaints;
    }

    /** Why this name says nothing; empty if it says something. */
    static List<String> nameComplaints(String typeName) {
        Matcher empty = EMPTY_WORD.matcher(typeName);
        return empty.find() && !NAME_THAT_SAYS_IT.matcher(typeName).find()
                ? List.of("type %s ends in %s, which fits anything: name it after what it is or does"
                        .formatted(typeName, empty.group()))
                : List.of();
    }

    /** Which waivers of files are not needed any more. */
    static List<String> fileWaiverComplaints(List<SourceFile> files, Map<String, Waiver> waivers) {
        return waivers.keySet().stream()
                .filter(name -> files.stream()
                        .noneMatch(file -> file.typeName().equals(name) && file.lines() > ordinaryLimit(file)))
                .map(name -> name + " needs no waiver any more: take its line out of Waiver")
                .toList();
    }

    private static void checkLength(SourceFile file, List<String> complaints) {
        Waiver waiver = Waiver.FILES.get(file.typeName());
        int limit = waiver == null ? ordinaryLimit(file) : waiver.limit();
        if (file.lines() > limit && !file.packageName().equals(FORWARDING)) {
            complaints.add("%s has %d lines, %d are allowed: find the second subject in it and give it a file"
                    .formatted(file.path(), file.lines(), limit));
        }
    }

    private static int ordinaryLimit(SourceFile file) {
        if (!file.isMain()) {
            return TEST_FILE_LINES;
        }
        return isJdbcSurface(file) ? JDBC_FILE_LINES : FILE_LINES;
    }

    private static void checkLines(SourceFile file, List<String> complaints) {
        List<String> lines = file.text().lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (PROMISE.matcher(lines.get(i)).find()) {
                complaints.add("%s:%d promises work: do it now, or open an issue and say why the code is right as it is"
                        .formatted(file.path(), i + 1));
            }
            if (AUTHOR.matcher(lines.get(i)).find()) {
                complaints.add("%s:%d names an author: take it out, git knows".formatted(file.path(), i + 1));
            }
            if (!file.isMain() && OWN_SEED.matcher(lines.get(i)).find()) {
                complaints.add(
                        "%s:%d draws a seed of its own: take Long.getLong(\"seed\", 1), the nightly build has others"
                                .formatted(file.path(), i + 1));
            }
        }
    }

    private static void checkPlaces(SourceFile file, List<String> complaints) {
        COMMENT_OF_NOTHING.matcher(file.text()).results().forEach(found -> {
            complaints.add("%s:%d describes nothing, another comment follows: join the two or take one out"
                    .formatted(file.path(), lineOf(file, found.start())));
        });
        FAR_ANNOTATION.matcher(file.text()).results().forEach(found -> {
            complaints.add("%s:%d is refused by newer compilers: write Outer.@Nullable Inner"
                    .formatted(file.path(), lineOf(file, found.start())));
        });
    }

    private static long lineOf(SourceFile file, int place) {
        return 1
                + file.text().substring(0, place).chars().filter(c -> c == '\n').count();
    }

    private static long types(SourceFile file) {
        return file.tree().getTypeDecls().stream()
                .filter(ClassTree.class::isInstance)
                .count();
    }

    /** Is it a class that stands in front of an interface of JDBC, whose many methods it cannot choose? */
    private static boolean isJdbcSurface(SourceFile file) {
        if (!file.packageName().equals(DRIVER)) {
            return false;
        }
        Map<String, String> imports = imports(file);
        return file.tree().getTypeDecls().stream()
                .filter(ClassTree.class::isInstance)
                .flatMap(type -> supertypes((ClassTree) type).stream())
                .map(name -> imports.getOrDefault(name, ""))
                .anyMatch(name -> name.startsWith("java.sql.")
                        || name.startsWith("javax.sql.")
                        || name.startsWith(FORWARDING + "."));
    }

    private static Map<String, String> imports(SourceFile file) {
        Map<String, String> imports = new LinkedHashMap<>();
        for (ImportTree imported : file.tree().getImports()) {
            String name = imported.getQualifiedIdentifier().toString();
            imports.put(name.substring(name.lastIndexOf('.') + 1), name);
        }
        return imports;
    }

    private static Set<String> supertypes(ClassTree type) {
        Set<String> names =
                type.getImplementsClause().stream().map(Tree::toString).collect(Collectors.toSet());
        if (type.getExtendsClause() != null) {
            names.add(type.getExtendsClause().toString());
        }
        return names;
    }
}
