package dev.gradwatch.detection.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class SanitizerTest {

    /** Every code point of Unicode, lone surrogates included, alone and between letters, through every form. */
    @Test
    void noFormLetsAnUnsafeCharacterThrough() {
        StringBuilder faults = new StringBuilder();
        for (int c = 0; c <= Character.MAX_CODE_POINT; c++) {
            String text = "a" + Character.toString(c) + "b";
            check(c, "line", Sanitizer.line(text), faults);
            check(c, "escape", Sanitizer.escape(text), faults);
            check(c, "quoted", Sanitizer.quoted(text, 50), faults);
            check(c, "label", Sanitizer.label(text, 50), faults);
            check(
                    c,
                    "escapeLines",
                    Sanitizer.escapeLines(text).replace("\n", "").replace("\t", ""),
                    faults);
        }
        assertThat(faults.toString()).isEmpty();
    }

    private static void check(int c, String form, String shown, StringBuilder faults) {
        String bytes = new String(shown.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        boolean bad = !bytes.equals(shown)
                || shown.codePoints()
                        .anyMatch(shownPoint -> Character.isISOControl(shownPoint)
                                || Character.getType(shownPoint) == Character.FORMAT
                                || Character.getType(shownPoint) == Character.LINE_SEPARATOR
                                || Character.getType(shownPoint) == Character.PARAGRAPH_SEPARATOR
                                || Character.getType(shownPoint) == Character.SURROGATE);
        if (bad) {
            faults.append(String.format("%s lets U+%04X through%n", form, c));
        }
    }

    @Property
    void escapingLosesNothing(@ForAll String text) {
        StringBuilder unescaped = new StringBuilder();
        String escaped = Sanitizer.escape(text.replace("\\", "/"));
        for (int i = 0; i < escaped.length(); i++) {
            if (escaped.startsWith("\\u", i)) {
                unescaped.append((char) Integer.parseInt(escaped.substring(i + 2, i + 6), 16));
                i += 5;
            } else {
                unescaped.append(escaped.charAt(i));
            }
        }
        assertThat(unescaped.toString()).isEqualTo(text.replace("\\", "/"));
    }

    @Property
    void nothingInvisibleSurvivesWhateverStandsTogether(@ForAll String text) {
        assertThat(Sanitizer.line(text).codePoints().filter(Sanitizer::isUnsafe).count())
                .isZero();
        assertThat(Sanitizer.escape(text)
                        .codePoints()
                        .filter(Sanitizer::isUnsafe)
                        .count())
                .isZero();
    }

    @Property
    void aQuoteNeverExceedsItsBound(@ForAll String text) {
        assertThat(Sanitizer.quoted(text)).hasSizeLessThan(700);
    }

    @Test
    void takesWholeTerminalSequencesOut() {
        assertThat(Sanitizer.line("a\u001B[31mred\u001B[0m b")).isEqualTo("ared b");
        assertThat(Sanitizer.line("\u001B]0;title\u0007x\u001B]8;;http://a\u001B\\y"))
                .isEqualTo("xy");
        assertThat(Sanitizer.line("\u0090device\u009Cx\u009Fcommand\u009Cy")).isEqualTo("xy");
        assertThat(Sanitizer.line("right\u202Eleft\u200B\u0000\u0008")).isEqualTo("rightleft");
        assertThat(Sanitizer.line("one\ntwo\tthree\u2028four\u0085five")).isEqualTo("one two three fourfive");
        assertThat(Sanitizer.line(null)).isEmpty();
    }

    @Test
    void keepsOrdinaryTextOfEveryLanguage() {
        String text = "größe 学習 🙂 דוגמה";
        assertThat(Sanitizer.line(text)).isEqualTo(text);
        assertThat(Sanitizer.escape(text)).isEqualTo(text);
        assertThat(Sanitizer.label(text, 50)).isEqualTo(text);
    }

    @Test
    void quotesWithoutCuttingACharacterInHalf() {
        assertThat(Sanitizer.quoted("x".repeat(130))).isEqualTo("'" + "x".repeat(100) + "' and 30 characters more");
        assertThat(Sanitizer.quoted("abc", 2)).isEqualTo("'ab' and 1 characters more");
        assertThat(Sanitizer.quoted("a🙂b", 2)).isEqualTo("'a' and 3 characters more");
        assertThat(Sanitizer.quoted("\u001b[2Jred\u202eder\n", 50)).isEqualTo("'\\u001b[2Jred\\u202eder\\u000a'");
        assertThat(Sanitizer.quoted(null, 5)).isEqualTo("nothing");
    }
}
