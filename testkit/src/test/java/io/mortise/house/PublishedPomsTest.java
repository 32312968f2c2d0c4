package io.mortise.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The POMs that go to a repository say what a repository asks for, and the two that cannot share it say the same. */
final class PublishedPomsTest {
    private static final Path ROOT = Path.of("..");
    private static final List<String> PUBLISHED =
            List.of("all", "driver", "engine", "flyway", "postgres", "spring-boot-starter", "testkit", "watch");

    private static Element pom(String folder) throws Exception {
        Document document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(ROOT.resolve(folder).resolve("pom.xml").toFile());
        return document.getDocumentElement();
    }

    private static List<Element> children(Element parent, String name) {
        List<Element> found = new ArrayList<>();
        NodeList all = parent.getChildNodes();
        for (int i = 0; i < all.getLength(); i++) {
            if (all.item(i) instanceof Element element && element.getTagName().equals(name)) {
                found.add(element);
            }
        }
        return found;
    }

    private static String text(Element parent, String... path) {
        Element at = parent;
        for (String name : path) {
            at = children(at, name).stream().findFirst().orElseThrow(() -> new AssertionError(name + " is missing"));
        }
        return at.getTextContent().strip();
    }

    private static Map<String, String> owned(Element pom) {
        Map<String, String> found = new TreeMap<>();
        NodeList properties = children(pom, "properties").get(0).getChildNodes();
        for (int i = 0; i < properties.getLength(); i++) {
            Node property = properties.item(i);
            if (property.getNodeName().startsWith("owner.")
                    || property.getNodeName().endsWith("outputTimestamp")) {
                found.put(property.getNodeName(), property.getTextContent());
            }
        }
        return found;
    }

    @Test
    void theOwnerFillsInTheSameTwice() throws Exception {
        assertThat(owned(pom("bom"))).isEqualTo(owned(pom(""))).hasSizeGreaterThan(5);
        assertThat(text(pom("bom"), "version")).isEqualTo(text(pom(""), "version"));
    }

    @Test
    void theListOfVersionsNamesEveryArtifactAndNothingElse() throws Exception {
        TreeSet<String> listed = new TreeSet<>();
        for (Element each : children(
                children(children(pom("bom"), "dependencyManagement").get(0), "dependencies")
                        .get(0),
                "dependency")) {
            listed.add(text(each, "groupId") + ":" + text(each, "artifactId"));
        }
        TreeSet<String> published = new TreeSet<>();
        for (String folder : PUBLISHED) {
            published.add("io.mortise:" + text(pom(folder), "artifactId"));
        }

        assertThat(listed).isEqualTo(published);
        assertThat(children(pom("bom"), "parent"))
                .as("an import would take what it manages")
                .isEmpty();
    }

    @Test
    void theReleaseMakesEachOfThem() throws Exception {
        Matcher modules = Pattern.compile("-pl (\\S+) .*deploy")
                .matcher(Files.readString(ROOT.resolve(".ci").resolve("release")));

        assertThat(modules.find()).isTrue();
        assertThat(modules.group(1).split(",")).containsAll(PUBLISHED).hasSize(PUBLISHED.size() + 2);
    }

    @Test
    void whatARepositoryAsksForIsThere() throws Exception {
        for (String folder : List.of("", "bom")) {
            Element pom = pom(folder);
            assertThat(text(pom, "url")).isNotEmpty();
            assertThat(text(pom, "licenses", "license", "name")).isNotEmpty();
            assertThat(text(pom, "developers", "developer", "name")).isNotEmpty();
            assertThat(text(pom, "scm", "connection")).isNotEmpty();
        }
        for (String folder : PUBLISHED) {
            assertThat(text(pom(folder), "name")).isNotEmpty();
            assertThat(text(pom(folder), "description")).isNotEmpty();
        }
    }

    /**
     * Gradle reads a POM with its parents, its properties and its compile and runtime dependencies; it does not look
     * into profiles, and knows no files of the machine that built it.
     */
    @Test
    void gradleReadsTheSameDependencies() throws Exception {
        List<String> managed = new ArrayList<>();
        for (Element each :
                dependencies(children(pom(""), "dependencyManagement").get(0))) {
            managed.add(text(each, "artifactId"));
        }
        for (String folder : PUBLISHED) {
            Element pom = pom(folder);
            assertThat(text(pom, "parent", "artifactId")).isEqualTo("mortise-parent");
            assertThat(pom.getElementsByTagName("systemPath").getLength()).isZero();
            assertThat(children(pom, "profiles")).as(folder).isEmpty();
            for (Element each : dependencies(pom)) {
                String artifact = text(each, "artifactId");
                boolean hasVersion = !children(each, "version").isEmpty();
                assertThat(hasVersion || managed.contains(artifact) || artifact.startsWith("junit-"))
                        .as(folder + " " + artifact)
                        .isTrue();
            }
        }
    }

    private static List<Element> dependencies(Element parent) {
        return children(parent, "dependencies").stream()
                .flatMap(all -> children(all, "dependency").stream())
                .toList();
    }

    @Test
    void everyOtherModuleStaysAtHome() throws Exception {
        for (Element module : children(children(pom(""), "modules").get(0), "module")) {
            String folder = module.getTextContent();
            if (!PUBLISHED.contains(folder) && !folder.equals("bom")) {
                assertThat(text(pom(folder), "properties", "maven.deploy.skip"))
                        .as(folder)
                        .isEqualTo("true");
            }
        }
        assertThat(Files.exists(ROOT.resolve("pom.xml"))).isTrue();
    }
}
