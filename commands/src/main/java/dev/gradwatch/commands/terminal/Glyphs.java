package dev.gradwatch.commands.terminal;

import dev.gradwatch.detection.alert.Severity;
import java.util.Locale;
import java.util.Map;

/** The characters that a drawing is made of: braille dots where the terminal can show them, else plain ASCII. */
public enum Glyphs {
    /** Two by four dots a character. */
    BRAILLE(2, 4, '│', '┤', '└', '─', '┊', '×', '●', "⠒⠒"),
    /** One by three heights a character. */
    ASCII(1, 3, '|', '+', '+', '-', ':', 'x', 'o', "--");

    private static final int[] BRAILLE_DOTS = {0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80};
    private static final String ASCII_HEIGHTS = " '-'.:.|";

    /** Dots in a character from left to right. */
    public final int across;

    /** Dots in a character from top to bottom. */
    public final int down;

    public final char side;
    public final char sideLabelled;
    public final char corner;
    public final char floor;
    public final char turn;
    public final char notFinite;
    public final char circle;
    public final String line;

    Glyphs(
            int across,
            int down,
            char side,
            char sideLabelled,
            char corner,
            char floor,
            char turn,
            char notFinite,
            char circle,
            String line) {
        this.across = across;
        this.down = down;
        this.side = side;
        this.sideLabelled = sideLabelled;
        this.corner = corner;
        this.floor = floor;
        this.turn = turn;
        this.notFinite = notFinite;
        this.circle = circle;
        this.line = line;
    }

    /** What the locale says that the terminal understands. */
    static Glyphs of(Map<String, String> environment) {
        for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
            String value = environment.getOrDefault(name, "");
            if (!value.isEmpty()) {
                String charset = value.toLowerCase(Locale.ROOT).replace("-", "");
                return charset.contains("utf8") ? BRAILLE : ASCII;
            }
        }
        return ASCII;
    }

    /** The character with these dots, one bit each, from left to right and then from top to bottom. */
    public char cell(int dots) {
        if (this == ASCII) {
            return ASCII_HEIGHTS.charAt(dots);
        }
        if (dots == 0) {
            return ' ';
        }
        int pattern = 0;
        for (int i = 0; i < BRAILLE_DOTS.length; i++) {
            pattern |= (dots & 1 << i) == 0 ? 0 : BRAILLE_DOTS[i];
        }
        return (char) ('\u2800' + pattern);
    }

    /** Where an alert opened. */
    public char mark(Severity severity) {
        boolean ascii = this == ASCII;
        return switch (severity) {
            case CRITICAL -> ascii ? '!' : '▲';
            case WARNING -> ascii ? '^' : '△';
            case INFO -> ascii ? 'i' : '╵';
        };
    }
}
