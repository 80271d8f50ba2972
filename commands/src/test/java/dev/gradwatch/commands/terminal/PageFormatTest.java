package dev.gradwatch.commands.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PageFormatTest {

    @Test
    void believesWhatTheLocaleSaysOfTheTerminal() {
        assertThat(Glyphs.of(Map.of("LANG", "en_GB.UTF-8"))).isEqualTo(Glyphs.BRAILLE);
        assertThat(Glyphs.of(Map.of("LC_ALL", "C", "LANG", "en_GB.UTF-8"))).isEqualTo(Glyphs.ASCII);
        assertThat(Glyphs.of(Map.of("LC_ALL", "", "LC_CTYPE", "de_DE.utf8"))).isEqualTo(Glyphs.BRAILLE);
        assertThat(Glyphs.of(Map.of())).isEqualTo(Glyphs.ASCII);
    }

    @Test
    void takesTheSizeFromTheTerminalUnlessColumnsAreGiven() {
        assertThat(TerminalSize.of(Map.of(), "24 80\n")).isEqualTo(new TerminalSize(80, 24));
        assertThat(TerminalSize.of(Map.of("COLUMNS", "132"), "24 80\n")).isEqualTo(new TerminalSize(132, 24));
        assertThat(TerminalSize.of(Map.of(), "0 0")).isEqualTo(TerminalSize.UNKNOWN);
        assertThat(TerminalSize.of(Map.of("COLUMNS", "many"), null)).isEqualTo(TerminalSize.UNKNOWN);
        assertThat(TerminalSize.of(Map.of("COLUMNS", "3"), null).columns()).isEqualTo(40);
    }

    @Test
    void aFrameNeverScrollsTheScreenAndKeepsItsLastLine() {
        List<String> lines = List.of("head", "a", "b", "c", "4 runs");

        String frame = LiveScreen.frame(lines, 4);

        assertThat(frame.lines()).hasSize(4);
        assertThat(frame).contains("head", "a", "b").doesNotContain("c\u001B").contains("4 runs; 1 more do not fit");
        assertThat(LiveScreen.frame(lines, 50).lines()).hasSize(5);
        assertThat(LiveScreen.frame(List.of("No runs yet."), 4)).contains("No runs yet.");
    }
}
