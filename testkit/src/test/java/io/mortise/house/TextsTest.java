package io.mortise.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.BinaryTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreeScanner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Sentences in the sources: messages, remarks of tables, descriptions of settings, and all Javadoc. None is longer than
 * 30 words, and none has a turn that has to be read twice.
 */
final class TextsTest {
    private static final int WORDS = 30;

    private static final Pattern PUBLISHED =
            Pattern.compile("(?!bench/|compat/|examples/|stress/).*src/main/.*\\.java");
    private static final Pattern SQL = Pattern.compile("\\s*(?:SELECT|INSERT|UPDATE|WITH|DELETE|CREATE|MERGE)\\b.*");

    private static final Pattern JAVADOC = Pattern.compile("/\\*\\*(.*?)\\*/", Pattern.DOTALL);
    private static final Pattern SHOWN_AS_IT_IS = Pattern.compile("<pre>.*?</pre>", Pattern.DOTALL);
    private static final Pattern INLINE = Pattern.compile("\\{@\\w+\\s+[^}]*}");
    private static final Pattern PART = Pattern.compile("\n\\s*\n|<li>|<p>|</?ul>|@param \\S+|@return|@throws \\S+");

    private static final Pattern END = Pattern.compile("(?<=[.!?:;])\\s+(?=[A-Z{(\"'])");
    private static final Pattern WORD = Pattern.compile("\\S*[A-Za-z0-9]\\S*");
    private static final Pattern TURN =
            Pattern.compile("\\b(?:whoever|can " + "not|(?:is|are) to be|of H2's)\\b", Pattern.CASE_INSENSITIVE);

    @Test
    void aMessageIsReadOnce() {
        List<String> wrong = HouseRulesTest.SOURCES.stream()
                .filter(file -> PUBLISHED.matcher(file.path()).matches())
                .flatMap(file -> texts(file).stream()
                        .filter(text -> text.contains(" ") && !SQL.matcher(text).matches())
                        .flatMap(text -> Arrays.stream(text.split("\n")))
                        .flatMap(TextsTest::complaints)
                        .map(complaint -> file.path() + ": " + complaint))
                .toList();

        assertThat(wrong).isEmpty();
    }

    @Test
    void javadocIsReadOnce() {
        List<String> wrong = HouseRulesTest.SOURCES.stream()
                .filter(file -> PUBLISHED.matcher(file.path()).matches())
                .flatMap(file -> javadoc(file.text())
                        .flatMap(TextsTest::complaints)
                        .map(complaint -> file.path() + ": " + complaint))
                .toList();

        assertThat(wrong).isEmpty();
    }

    @Test
    void aTextIsReadAcrossItsLines() {
        SourceFile file =
                SourceFile.parse("C.java", "class C { String s = \"one \" + two() + \" three\"\n + \" four\"; }");

        assertThat(texts(file)).containsExactly("one X three four");
    }

    @Test
    void aLongSentenceAndABadTurnAreFound() {
        assertThat(complaints("word ".repeat(30).strip() + ". And another.")).isEmpty();
        assertThat(complaints("word ".repeat(31).strip() + ". And another.")).hasSize(1);
        assertThat(complaints("It can " + "not be.")).hasSize(1);
    }

    private static Stream<String> complaints(String text) {
        return END.splitAsStream(text)
                .map(sentence -> sentence.strip().replaceAll("\\s+", " "))
                .filter(sentence -> WORD.matcher(sentence).results().count() > WORDS
                        || TURN.matcher(sentence).find());
    }

    /** The paragraphs of the Javadoc in a file; code counts as one word. */
    private static Stream<String> javadoc(String source) {
        return JAVADOC.matcher(source)
                .results()
                .map(MatchResult::group)
                .map(text -> text.substring(3, text.length() - 2).replaceAll("\n\\s*\\*", "\n"))
                .map(text -> SHOWN_AS_IT_IS.matcher(text).replaceAll("\n\n"))
                .map(text -> INLINE.matcher(text).replaceAll("Code"))
                .flatMap(PART::splitAsStream);
    }

    /** The texts of a file, each as it is put together; what is not a literal is an X. */
    private static List<String> texts(SourceFile file) {
        List<String> texts = new ArrayList<>();
        new TreeScanner<@Nullable Void, @Nullable Void>() {
            @Override
            public @Nullable Void visitBinary(BinaryTree sum, @Nullable Void unused) {
                String text = text(sum);
                if (text.equals("X")) {
                    return super.visitBinary(sum, unused);
                }
                texts.add(text);
                return null;
            }

            @Override
            public @Nullable Void visitLiteral(LiteralTree literal, @Nullable Void unused) {
                if (literal.getValue() instanceof String text) {
                    texts.add(text);
                }
                return null;
            }
        }.scan(file.tree(), null);
        return texts;
    }

    private static String text(Tree tree) {
        if (tree instanceof LiteralTree literal) {
            return literal.getValue() instanceof String text ? text : "X";
        }
        if (tree instanceof BinaryTree sum && sum.getKind() == Tree.Kind.PLUS) {
            String text = text(sum.getLeftOperand()) + text(sum.getRightOperand());
            return text.matches("[X\\n]+") ? "X" : text;
        }
        // A constant in the middle of a text begins a line, or is in words that are not ours to choose.
        return tree instanceof IdentifierTree name && name.getName().toString().matches("[A-Z_]+") ? "\n" : "X";
    }
}
