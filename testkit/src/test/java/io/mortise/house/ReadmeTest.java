package io.mortise.house;

import static org.assertj.core.api.Assertions.assertThat;

import io.mortise.engine.setting.Scope;
import io.mortise.engine.setting.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README and the pages of docs say is so: settings, commands, ten lines, links. */
final class ReadmeTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path EXAMPLES = ROOT.resolve("examples/src");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)\\)");

    /** A block, or what stands between two marks in a line. */
    private static final Pattern CODE = Pattern.compile("```.*?```|`[^`\n]+`", Pattern.DOTALL);

    private static final Pattern COMMAND = Pattern.compile("(?:mvn|java|jcmd|jfr|curl|git) [^`]+");
    private static final Pattern NOT_TO_COPY = Pattern.compile("…|\\.\\.\\.|mvn.* -q |target/\\S*\\*");

    @Test
    void theSettingsTableIsTheCodes() throws IOException {
        assertThat(between("docs/settings.md", "<!-- settings: ", "<!-- end of settings -->"))
                .as("paste the expected table between the two comments of docs/settings.md")
                .endsWith("-->\n" + settingsTable());
    }

    @Test
    void everySettingIsReadBySomeCode() throws IOException {
        String sources = mainSources();
        List<String> unused = Setting.all().stream()
                .map(Setting::name)
                .filter(name -> !sources.contains("Setting." + name) && !sources.contains("case " + name + " ->"))
                .toList();

        assertThat(unused).as("settings that no code reads").isEmpty();
    }

    @Test
    void theTestCommandIsTheOneThatCiCalls() throws IOException {
        List<String> ci = Files.readAllLines(ROOT.resolve(".ci/run"));

        assertThat(readme()).contains("```\n" + ci.get(ci.size() - 1) + "\n```");
    }

    /** Whoever reads no further than this has all that an application needs. */
    @Test
    void toAddItTakesTenLines() throws IOException {
        assertThat(between("README.md", "## Add it\n", "\n## ").lines().skip(1))
                .filteredOn(line -> !line.isBlank() && !line.startsWith("```"))
                .hasSizeLessThanOrEqualTo(10);
    }

    /** What it tells to add is what the applications of the build have, which are tried. */
    @Test
    void whatItTellsToAddIsWhatTheApplicationsHave() throws IOException {
        String dependency = code(between("README.md", "<dependency>\n", "\n```"));
        String url = between("README.md", "spring.datasource.url=", "\n```");
        String bom = Files.readString(ROOT.resolve("bom/pom.xml"));
        String version = bom.substring(bom.indexOf("<version>") + "<version>".length(), bom.indexOf("</version>"));

        for (String application : List.of("compat/app3", "compat/app4")) {
            assertThat(code(Files.readString(ROOT.resolve(application).resolve("pom.xml")))
                            .replace("${project.version}", version))
                    .contains(dependency);
        }
        assertThat(Files.readAllLines(ROOT.resolve("compat/app/src/main/resources/application.properties")))
                .contains(url);
    }

    @Test
    void theTenLinesAreThoseOfQuickStart() throws IOException {
        assertThat(code(between("README.md", "```java\nHikariConfig", "\n```")))
                .isNotEmpty()
                .isSubstringOf(
                        code(Files.readString(EXAMPLES.resolve("main/java/io/mortise/examples/QuickStart.java"))));
    }

    @Test
    void theTestToCopyIsOneThatRuns() throws IOException {
        String shown = code(between("docs/testing-interleavings.md", "```java\n@Interleaved", "\n```"));
        String withoutEnd = shown.substring(0, shown.length() - 1);

        assertThat(withoutEnd)
                .isNotEmpty()
                .isSubstringOf(
                        code(Files.readString(EXAMPLES.resolve("test/java/io/mortise/examples/TransferTest.java"))));
    }

    @Test
    void whatAPageLinksToExists() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path page : pages()) {
            Path folder = Objects.requireNonNull(page.getParent());
            LINK.matcher(Files.readString(page))
                    .results()
                    .map(link -> link.group(1))
                    .filter(link -> !Files.exists(folder.resolve(link)))
                    .forEach(link -> wrong.add(ROOT.relativize(page) + ": " + link));
        }

        assertThat(wrong).isEmpty();
    }

    /** So that nobody writes a page that nobody finds. */
    @Test
    void everyPageIsInTheIndex() throws IOException {
        String index = Files.readString(ROOT.resolve("docs/README.md"));
        try (Stream<Path> files = Files.list(ROOT.resolve("docs"))) {
            assertThat(files.map(file -> String.valueOf(file.getFileName()))
                            .filter(name -> name.endsWith(".md") && !name.equals("README.md")))
                    .allSatisfy(name -> assertThat(index).contains("(" + name + ")"));
        }
    }

    /** What CONTRIBUTING tells to change is there: a type moves, and the table moves with it. */
    @Test
    void whatAChangeTouchesExists() throws IOException {
        String contributing = Files.readString(ROOT.resolve("CONTRIBUTING.md"));
        Path engine = ROOT.resolve("engine/src/main/java/io/mortise/engine");

        assertThat(Pattern.compile("`E/([\\w/]+)`").matcher(contributing).results())
                .hasSizeGreaterThan(10)
                .extracting(found -> Objects.requireNonNull(found.group(1)))
                .allMatch(name ->
                        Files.isDirectory(engine.resolve(name)) || Files.exists(engine.resolve(name + ".java")));
    }

    /**
     * A command with an ellipsis or a star in it does nothing when it is copied; and one that is silent seems to hang.
     */
    @Test
    void everyCommandCanBeCopied() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path page : pages()) {
            Matcher code = CODE.matcher(Files.readString(page));
            while (code.find()) {
                code.group()
                        .lines()
                        .flatMap(line -> COMMAND.matcher(line).results())
                        .map(MatchResult::group)
                        .filter(command -> NOT_TO_COPY.matcher(command).find())
                        .forEach(command -> wrong.add(ROOT.relativize(page) + ": " + command));
            }
        }

        assertThat(wrong).isEmpty();
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> !ROOT.relativize(file).toString().contains("target"))
                    .toList();
        }
    }

    /** Without the spaces that only lay it out, and the fence. */
    private static String code(String text) {
        return text.replace("```java", "").replaceAll("\\s+", "");
    }

    private static String mainSources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> file.toString().replace('\\', '/').contains("/src/main/"))
                    .map(ReadmeTest::text)
                    .collect(Collectors.joining());
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String settingsTable() {
        return Setting.all().stream()
                .map(ReadmeTest::row)
                .collect(Collectors.joining(
                        "", "| setting | default | of the | meaning |\n| --- | --- | --- | --- |\n", ""));
    }

    private static String row(Setting<?> setting) {
        String unit = setting.unit();
        String value = setting.defaultText() + (setting.defaultText().isEmpty() || unit.isEmpty() ? "" : " " + unit);
        String choices = setting.choices().isEmpty()
                ? ""
                : "; "
                        + setting.choices().stream()
                                .map(choice -> "`" + choice + "`")
                                .collect(Collectors.joining(", "));
        String scope = setting.scope() == Scope.DATABASE ? "database" : "session";
        return "| `%s` | %s | %s | %s%s |\n".formatted(setting, value, scope, setting.description(), choices);
    }

    private static String between(String page, String start, String end) throws IOException {
        String text = Files.readString(ROOT.resolve(page));
        int from = text.indexOf(start);
        assertThat(from).as(page + " has: " + start).isNotNegative();
        return text.substring(from, text.indexOf(end, from + start.length()));
    }

    private static String readme() throws IOException {
        return Files.readString(ROOT.resolve("README.md"));
    }
}
