package io.mortise.engine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Keeps order among the rooms: imports go down one table only, H2 stays in its room, and nobody sleeps. */
final class ArchitectureTest {
    private static final String ROOT = "io.mortise.engine";
    /** Which rooms a room may import, besides itself. The root package may import them all and is imported by none. */
    private static final Map<String, Set<String>> MAY_IMPORT = Map.ofEntries(
            Map.entry(
                    "function",
                    Set.of(
                            "backend", "command", "error", "lock", "policy", "session", "setting", "storage", "text",
                            "thread", "view", "virtual")),
            Map.entry("view", Set.of("meter", "session", "lock", "journal", "virtual", "setting", "text", "thread")),
            Map.entry("journal", Set.of("lock", "virtual", "setting", "text", "error", "thread")),
            Map.entry("jmx", Set.of("meter", "virtual", "text")),
            Map.entry("policy", Set.of("lock", "setting")),
            Map.entry("backend", Set.of("command", "lock", "meter", "journal", "setting", "text", "error")),
            Map.entry("session", Set.of("fault", "command", "backend", "lock", "setting", "text", "error", "thread")),
            Map.entry(
                    "storage",
                    Set.of(
                            "fault", "serial", "backend", "virtual", "policy", "lock", "journal", "setting", "text",
                            "error", "thread")),
            Map.entry("serial", Set.of("lock", "thread")),
            Map.entry("lock", Set.of("fault", "text", "error", "thread")),
            Map.entry("command", Set.of("setting", "text", "error")),
            Map.entry("provider", Set.of("session", "setting", "error")),
            Map.entry("setting", Set.of("error", "text")),
            Map.entry("virtual", Set.of("text")),
            Map.entry("error", Set.of("text")),
            Map.entry("fault", Set.of()),
            Map.entry("meter", Set.of()),
            Map.entry("text", Set.of()),
            Map.entry("thread", Set.of("fault")));

    private static final String STORAGE = ROOT + ".storage";

    /** The rooms of storage, from the bottom; the last is storage itself. */
    private static final List<String> FLOORS = List.of(
            "h2",
            "slot",
            "name",
            "count",
            "blocker",
            "closing",
            "definition",
            "file",
            "ending",
            "checkpoint",
            "transaction",
            "sequence",
            "statement",
            "waiting",
            "serial",
            "session",
            "branch",
            "catalog",
            "row",
            "change",
            "command",
            "key",
            "table",
            "explain",
            "remote",
            "");

    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);
    private static final JavaClasses MAIN_AND_TESTS = new ClassFileImporter().importPackages(ROOT);

    @Test
    void everyRoomStandsInTheTable() {
        Set<String> rooms = new TreeSet<>();
        MAIN.forEach(type -> rooms.add(room(type)));
        rooms.remove("");

        assertThat(MAY_IMPORT.keySet())
                .as("a new room needs a line in MAY_IMPORT, and a reason why it is not part of another room")
                .containsAll(rooms);
    }

    @Test
    void everyRoomSaysItselfWhatItMayImport() throws IOException {
        for (Map.Entry<String, Set<String>> room : MAY_IMPORT.entrySet()) {
            Path info = Path.of("src/main/java/io/mortise/engine", room.getKey(), "package-info.java");
            String text = Files.readString(info).replaceAll("\\s+\\*?\\s*", " ");
            Matcher list = Pattern.compile("May import ([^.]*)\\.|Imports no other room\\.")
                    .matcher(text);

            assertThat(list.find())
                    .as(info + " has no list of what it may import")
                    .isTrue();
            Set<String> said = list.group(1) == null
                    ? Set.of()
                    : Set.copyOf(Arrays.asList(
                            list.group(1).replaceAll("\\{@code |}", "").split(", ")));
            assertThat(said).as(info.toString()).isEqualTo(room.getValue());
        }
    }

    @Test
    void theRoomsOfStorageStandOnThoseBelow() {
        List<String> wrong = new ArrayList<>();
        for (JavaClass type : MAIN) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                int from = floor(type);
                int to = floor(dependency.getTargetClass().getBaseComponentType());
                if (to > from && from >= 0) {
                    wrong.add(dependency.getDescription());
                }
            }
        }

        assertThat(wrong)
                .as("a room of storage sees those below it only: move the type, or let it see an interface")
                .isEmpty();
    }

    /**
     * Where a room of storage stands in {@link #FLOORS}; the type's own room must be there. Negative if it is not
     * storage.
     */
    private static int floor(JavaClass type) {
        String below = type.getPackageName();
        if (!below.startsWith(STORAGE)) {
            return -1;
        }
        String room = below.equals(STORAGE) ? "" : below.substring(STORAGE.length() + 1);
        assertThat(FLOORS)
                .as("a new room of storage needs its place among the others")
                .contains(room);
        return FLOORS.indexOf(room);
    }

    @Test
    void importsGoDownTheTableOnly() {
        List<String> wrong = new ArrayList<>();
        for (JavaClass type : MAIN) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                if (!isAllowed(type, dependency.getTargetClass().getBaseComponentType())) {
                    wrong.add(dependency.getDescription());
                }
            }
        }

        assertThat(wrong)
                .as(
                        "move the code to the room it needs, or hand it what it needs through a parameter or an interface of"
                                + " its own room")
                .isEmpty();
    }

    @Test
    void noPackagesImportEachOtherInACircle() {
        slices().matching(ROOT + ".(**)").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void onlyStorageKnowsH2() {
        ArchRule rule = noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".storage..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.h2..")
                .because("an upgrade of H2 must be the matter of one room: ask storage for what you need");

        rule.check(MAIN);
    }

    @Test
    void nobodySleepsOrSpins() {
        ArchRule rule = noClasses()
                .should()
                .callMethod(Thread.class, "sleep", long.class)
                .orShould()
                .callMethod(Thread.class, "sleep", long.class, int.class)
                .orShould()
                .callMethod(Thread.class, "yield")
                .orShould()
                .callMethod(TimeUnit.class, "sleep", long.class)
                .because("what is waited for can be waited on: a condition, a latch, a future, a lock listener");

        rule.check(MAIN_AND_TESTS);
    }

    private static boolean isAllowed(JavaClass from, JavaClass to) {
        if (!to.getPackageName().startsWith(ROOT) || room(from).isEmpty()) {
            return true;
        }
        String wanted = room(to);
        if (wanted.equals(room(from))) {
            return true;
        }
        return MAY_IMPORT.getOrDefault(room(from), Set.of()).contains(wanted);
    }

    /** The first package below the root; empty for the root itself. */
    private static String room(JavaClass type) {
        String below = type.getPackageName().substring(ROOT.length());
        return below.isEmpty() ? "" : below.substring(1).split("\\.")[0];
    }
}
