package io.mortise.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Reads the sources of every module, and shows of each rule that it can be broken. */
final class HouseRulesTest {
    /** Read once for all tests: a parsed file takes room. */
    static final List<SourceFile> SOURCES = allSources();

    @Test
    void everySourceFileKeepsTheHouseRules() {
        assertThat(SOURCES).as("the sources of several modules").hasSizeGreaterThan(30);
        assertThat(SOURCES.stream().flatMap(file -> HouseRules.complaints(file).stream()))
                .isEmpty();
    }

    @Test
    void everyPackageIsOneRoom() {
        assertThat(HouseRules.packageComplaints(SOURCES, Waiver.PACKAGES)).isEmpty();
    }

    @Test
    void noFileHasAWaiverThatItDoesNotNeed() {
        assertThat(HouseRules.fileWaiverComplaints(SOURCES, Waiver.FILES)).isEmpty();
    }

    @Test
    void noValueIsLeftToGuess() {
        assertThat(ValueRules.complaints(SOURCES, GuessedValues.BOOLEANS, GuessedValues.MINUS_ONES))
                .isEmpty();
    }

    @Test
    void aBooleanParameterAndANamelessMinusOneAreFound() {
        assertThat(guessed("class C { void m(boolean deep) {} }"))
                .singleElement()
                .asString()
                .startsWith("C.m has 1 boolean parameters, 0 are allowed");
        assertThat(guessed("class C { int m() { return -1; } }"))
                .singleElement()
                .asString()
                .startsWith("C says -1 without a name 1 times, 0 are allowed");
        assertThat(
                        guessed(
                                "class C { static final int NONE = -1; void setDeep(boolean deep) {} @Override void m(boolean b) {} }"))
                .isEmpty();
    }

    @Test
    void aListOfWhatIsLeftShrinks() {
        List<SourceFile> clean = List.of(SourceFile.parse("a/src/main/java/p/C.java", "class C {}"));

        assertThat(ValueRules.complaints(clean, Map.of("C.m", 1), Map.of("C", 2)))
                .hasSize(2)
                .allMatch(complaint -> complaint.endsWith("set it to 0 in GuessedValues, or take its line out"));
    }

    private static List<String> guessed(String text) {
        return ValueRules.complaints(List.of(SourceFile.parse("a/src/main/java/p/C.java", text)), Map.of(), Map.of());
    }

    @Test
    void aTestMayBeTwiceAsLong() {
        assertThat(complaints("a/src/test/java/p/CTest.java", "class CTest {\n" + "    int i;\n".repeat(598) + "}\n"))
                .isEmpty();
        assertThat(complaints("a/src/test/java/p/CTest.java", "class CTest {\n" + "    int i;\n".repeat(599) + "}\n"))
                .hasSize(1);
    }

    @Test
    void aLongFileIsFound() {
        String long301 = "package p;\nclass C {\n" + "    int i;\n".repeat(298) + "}\n";

        assertThat(complaints("a/src/main/java/p/C.java", long301))
                .containsExactly(
                        "a/src/main/java/p/C.java has 301 lines, 300 are allowed: find the second subject in it"
                                + " and give it a file");
    }

    @Test
    void aJdbcSurfaceMayHaveTwiceAsManyLines() {
        String body = "    int i;\n".repeat(400) + "}\n";
        String head = "package io.mortise.driver;\nimport java.sql.Wrapper;\n";

        assertThat(complaints("driver/src/main/java/C.java", head + "class C implements Wrapper {\n" + body))
                .isEmpty();
        assertThat(complaints("driver/src/main/java/C.java", head + "class C {\n" + body))
                .hasSize(1);
    }

    @Test
    void forwardingMayBeAsLongAsJdbcIs() {
        String body = "class C {\n" + "    int i;\n".repeat(900) + "}\n";

        assertThat(complaints("driver/src/main/java/C.java", "package io.mortise.driver.forwarding;\n" + body))
                .isEmpty();
    }

    @Test
    void aLongMethodIsFound() {
        assertThat(complaints("class C {\n    void m() {\n" + "        n();\n".repeat(39) + "    }\n}\n"))
                .containsExactly(
                        "C.java:2 method m has 41 lines, 40 are allowed: name its steps and make each a method");
        assertThat(complaints("class C {\n    void m() {\n" + "        n();\n".repeat(38) + "    }\n}\n"))
                .isEmpty();
    }

    @Test
    void oneLongReturnIsAList() {
        assertThat(complaints(
                        "class C {\n    int m() {\n        return 1\n" + "        + 1\n".repeat(70) + ";    }\n}\n"))
                .isEmpty();
        assertThat(complaints(
                        "class C {\n    int m() {\n        return 1\n" + "        + 1\n".repeat(80) + ";    }\n}\n"))
                .hasSize(1);
    }

    @Test
    void aFifthParameterIsFoundUnlessItIsDictated() {
        assertThat(complaints("class C { void m(int a, int b, int c, int d, int e) {} }"))
                .containsExactly("C.java:1 method m has 5 parameters, 4 are allowed: those that travel together are a"
                        + " record");
        assertThat(complaints("class C { @Override public void m(int a, int b, int c, int d, int e) {} }"))
                .isEmpty();
        assertThat(complaints("record R(int a, int b, int c, int d, int e) {}")).isEmpty();
    }

    @Test
    void aFourthLevelIsFoundAndElseIfIsNone() {
        assertThat(complaints("class C { void m() { if (a) { for (;;) { while (b) { if (c) { n(); } } } } } }"))
                .singleElement()
                .asString()
                .startsWith("C.java:1 nests 4 levels deep");
        assertThat(complaints(
                        "class C { void m() { if (a) {} else if (b) {} else if (c) {} else if (d) {} else {} } }"))
                .isEmpty();
    }

    @Test
    void anEmptyCatchIsFound() {
        assertThat(complaints("class C { void m() { try { n(); } catch (E e) { /* never mind */ } } }"))
                .singleElement()
                .asString()
                .startsWith("C.java:1 catches E and does nothing");
    }

    @Test
    void aNameThatFitsAnythingIsFoundWhereverItIsDeclared() {
        for (String name : List.of("LockImpl", "LockHelper", "LockUtil", "LockUtils", "LockInfo", "LockData")) {
            assertThat(complaints("class C { interface " + name + " {} }")).hasSize(1);
        }
        assertThat(complaints("class SessionManager {}")).hasSize(1);
        assertThat(complaints("abstract class TableBase {}")).hasSize(1);
        assertThat(complaints("class LockManager {} class MortiseMetaData {} class Database {}"))
                .isEmpty();
    }

    @Test
    void aPromiseAndAnAuthorAreFound() {
        assertThat(complaints("class C {} // TO" + "DO: later")).hasSize(1);
        assertThat(complaints("/**\n * @" + "author me\n */\nclass C {}")).hasSize(1);
    }

    @Test
    void aCommentOfNothingAndAnAnnotationThatStandsTooFarAreFound() {
        assertThat(complaints("class C {\n    /** One. */\n    /" + "** Two. */\n    int two;\n}"))
                .singleElement()
                .asString()
                .contains("C.java:2 describes nothing");
        assertThat(complaints("class C { /** One. */ int one; /** Two. */ int two; }"))
                .isEmpty();
        assertThat(complaints("class C { @" + "Nullable Map.Entry[] entries; }"))
                .singleElement()
                .asString()
                .contains("Outer.@Nullable Inner");
        assertThat(complaints("class C { Map.@Nullable Entry[] entries; @Nullable Map<A, B> map; }"))
                .isEmpty();
    }

    @Test
    void aStepWithoutAThreadOfItsOwnIsFound() {
        assertThat(complaints("class C { Object o = CompletableFuture.runAsync(() -> waits()); }"))
                .singleElement()
                .asString()
                .contains("name the thread");
        assertThat(complaints("class C { Object o = CompletableFuture.runAsync(() -> waits(), thread); }"))
                .isEmpty();
    }

    @Test
    void aTestThatDrawsItsSeedIsFound() {
        List<String> draws = List.of("Long.getLong(\"seed\", " + "System.nanoTime())", "new " + "Random()");
        for (String draw : draws) {
            String text = "class CTest { Object seed = " + draw + "; }";

            assertThat(complaints("a/src/test/java/p/CTest.java", text))
                    .singleElement()
                    .asString()
                    .contains("draws a seed of its own");
            assertThat(complaints("a/src/main/java/p/C.java", text)).isEmpty();
        }
        assertThat(complaints("a/src/test/java/p/CTest.java", "class CTest { long seed = Long.getLong(\"seed\", 7); }"))
                .isEmpty();
    }

    @Test
    void aFullPackageIsFoundUnlessItsWaiverSaysWhy() {
        List<SourceFile> thirteen = IntStream.range(0, 13)
                .mapToObj(i -> SourceFile.parse("a/src/main/java/p/C" + i + ".java", "package p; class C" + i + " {}"))
                .toList();

        assertThat(HouseRules.packageComplaints(thirteen, Map.of()))
                .singleElement()
                .asString()
                .startsWith("p has 13 types, 12 are allowed");
        assertThat(HouseRules.packageComplaints(thirteen, Map.of("p", new Waiver(13, "because"))))
                .isEmpty();
        assertThat(HouseRules.packageComplaints(thirteen.subList(0, 5), Map.of("p", new Waiver(13, "because"))))
                .containsExactly("p needs no waiver any more: take its line out of Waiver");
    }

    private static List<String> complaints(String text) {
        return complaints("C.java", text);
    }

    private static List<String> complaints(String path, String text) {
        return HouseRules.complaints(SourceFile.parse(path, text));
    }

    /** Every Java file of every module, and of the modules in a module; tests run in their module's directory. */
    private static List<SourceFile> allSources() {
        Path root = Path.of("..").toAbsolutePath().normalize();
        return folders(root)
                .flatMap(module -> Stream.concat(Stream.of(module), folders(module)))
                .map(module -> module.resolve("src"))
                .filter(Files::isDirectory)
                .flatMap(src -> javaFiles(root, src).stream())
                .toList();
    }

    private static Stream<Path> folders(Path parent) {
        try (Stream<Path> children = Files.list(parent)) {
            return children.filter(Files::isDirectory).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<SourceFile> javaFiles(Path root, Path src) {
        try (Stream<Path> files = Files.walk(src)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .map(file -> SourceFile.read(root, file))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
