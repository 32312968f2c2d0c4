package io.mortise.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Sentences that have to be read only once: in the README, the pages of docs, and those for maintainers, none is longer
 * than 30 words, and none has the turns of phrase that section "Words" of CONTRIBUTING.md names.
 */
final class ProseTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final int WORDS = 30;

    /** Code blocks, comments, the targets of links, and code in a line, which counts as one word. */
    private static final Pattern BLOCK = Pattern.compile("```.*?```|<!--.*?-->", Pattern.DOTALL);

    private static final Pattern LINK = Pattern.compile("!?\\[([^]]*)]\\([^)]*\\)");
    private static final Pattern CODE = Pattern.compile("`[^`]*`");

    /** A paragraph, an item of a list, or a cell of a table. */
    private static final Pattern PART = Pattern.compile("\n\\s*\n|\n(?=\\s*[-|#])|\n(?=\\s*\\d+\\. )|\\|");

    private static final Pattern END = Pattern.compile("(?<=[.!?])[\"”)*]*\\s+(?=[A-Z“\"(*])");
    private static final Pattern WORD = Pattern.compile("[\\w'’–-]+");
    private static final Pattern TURN = Pattern.compile(
            "\\b(?:whoever|whichever|can not|(?:is|are) to be|of H2's(?=[.,;:)]|$))", Pattern.CASE_INSENSITIVE);

    @Test
    void noSentenceHasToBeReadTwice() throws IOException {
        List<String> wrong = new ArrayList<>();
        for (Path page : pages()) {
            for (String sentence : sentences(Files.readString(page))) {
                long words = WORD.matcher(sentence).results().count();
                if (words > WORDS) {
                    wrong.add(ROOT.relativize(page) + ", " + words + " words: " + sentence);
                }
                if (TURN.matcher(sentence).find()) {
                    wrong.add(ROOT.relativize(page) + ": " + sentence);
                }
            }
        }

        assertThat(wrong).isEmpty();
    }

    static List<String> sentences(String page) {
        String text = BLOCK.matcher(page).replaceAll("\n\n");
        text = LINK.matcher(text).replaceAll("$1");
        text = CODE.matcher(text).replaceAll("Code");
        return PART.splitAsStream(text)
                .map(part -> part.strip().replaceAll("\\s+", " "))
                .flatMap(part -> Arrays.stream(END.split(part)))
                .filter(sentence -> !sentence.isEmpty())
                .toList();
    }

    private static List<Path> pages() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .filter(file ->
                            !ROOT.relativize(file).toString().matches("(?:.*/)?(?:target|results|node_modules)/.*"))
                    .toList();
        }
    }
}
