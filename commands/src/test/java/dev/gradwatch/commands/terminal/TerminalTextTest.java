package dev.gradwatch.commands.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTextTest {

    @Test
    void takesTerminalEscapesOut() {
        assertThat(TerminalText.of("a\u001B[31mred\u001B[0m b")).isEqualTo("ared b");
        assertThat(TerminalText.of("\u001B]0;title\u0007x\u001B]8;;http://a\u001B\\y"))
                .isEqualTo("xy");
        assertThat(TerminalText.of("\u009B2Jcleared\u001B")).isEqualTo("cleared");
        assertThat(TerminalText.of("one\ntwo\tthree\r")).isEqualTo("one two three ");
        assertThat(TerminalText.of("right\u202Eleft\u0000\u0008")).isEqualTo("rightleft");
        assertThat(TerminalText.of(null)).isEmpty();
    }

    @Test
    void keepsOrdinaryTextOfEveryLanguage() {
        assertThat(TerminalText.of("größe 学習 🙂")).isEqualTo("größe 学習 🙂");
    }

    @Test
    void breaksLinesAtSpacesAndCountsWideCharactersTwice() {
        assertThat(TerminalText.wrap("one two three", 7)).isEqualTo(List.of("one two", "three"));
        assertThat(TerminalText.wrap("abcdefghij", 4)).isEqualTo(List.of("abcd", "efgh", "ij"));
        assertThat(TerminalText.wrap("学習学習", 4)).isEqualTo(List.of("学習", "学習"));
        assertThat(TerminalText.wrap("", 4)).isEqualTo(List.of(""));
    }

    @Test
    void cutsToAWidth() {
        assertThat(TerminalText.cut("abcdef", 5)).isEqualTo("abc..");
        assertThat(TerminalText.column("ab", 4)).isEqualTo("ab  ");
    }

    @Test
    void coloursTerminalsOnlyAndNeverAgainstTheUsersWill() {
        assertThat(Style.of(Map.of(), true)).isEqualTo(Style.COLOURED);
        assertThat(Style.of(Map.of(), false)).isEqualTo(Style.PLAIN);
        assertThat(Style.of(Map.of("NO_COLOR", "1"), true)).isEqualTo(Style.PLAIN);
        assertThat(Style.of(Map.of("TERM", "dumb"), true)).isEqualTo(Style.PLAIN);
    }
}
