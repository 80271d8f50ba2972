package dev.gradwatch.commands.terminal;

import dev.gradwatch.detection.text.Sanitizer;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes text from events fit for a terminal. Whatever a run calls itself, it can neither move the cursor nor change a colour, and a line
 * has the width that it seems to have.
 */
public final class TerminalText {

    private TerminalText() {}

    /** {@link Sanitizer#line}: without terminal sequences, control characters and invisible formatting. */
    public static String of(String text) {
        return Sanitizer.line(text);
    }

    /** How many columns the text takes: two for wide characters, none for combining ones. */
    public static int width(String text) {
        return text.codePoints().map(TerminalText::width).sum();
    }

    /** Cut to a width, with {@code ..} at the end when something is missing. */
    public static String cut(String text, int width) {
        if (width(text) <= width) {
            return text;
        }
        StringBuilder kept = new StringBuilder();
        int used = 0;
        for (int c : text.codePoints().toArray()) {
            if (used + width(c) > width - 2) {
                break;
            }
            used += width(c);
            kept.appendCodePoint(c);
        }
        return kept.append("..").toString();
    }

    /** Cut or filled with spaces to exactly this width. */
    public static String column(String text, int width) {
        String cut = cut(text, width);
        return cut + " ".repeat(Math.max(0, width - width(cut)));
    }

    /** Lines of at most this width, broken at spaces, and inside a word only where the word alone is too long. */
    public static List<String> wrap(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        int used = 0;
        int[] characters = text.strip().codePoints().toArray();
        int lastSpace = -1;
        for (int c : characters) {
            if (used + width(c) > width) {
                int at = c == ' ' || lastSpace <= 0 ? line.length() : lastSpace;
                lines.add(line.substring(0, at).stripTrailing());
                line.delete(0, at);
                while (line.length() > 0 && line.charAt(0) == ' ') {
                    line.deleteCharAt(0);
                }
                used = width(line.toString());
                lastSpace = -1;
            }
            if (c == ' ') {
                if (line.length() == 0) {
                    continue;
                }
                lastSpace = line.length();
            }
            line.appendCodePoint(c);
            used += width(c);
        }
        if (line.length() > 0 || lines.isEmpty()) {
            lines.add(line.toString());
        }
        return lines;
    }

    /** Wrapped, every line after the first indented by {@code hanging} columns; none is wider than {@code width}. */
    public static List<String> wrapHanging(String text, int width, int hanging) {
        List<String> narrow = wrap(text, width);
        if (hanging == 0 || narrow.size() == 1) {
            return narrow;
        }
        String first = narrow.get(0);
        List<String> lines = new ArrayList<>(List.of(first));
        String rest = text.strip().substring(first.length()).strip();
        wrap(rest, Math.max(1, width - hanging)).forEach(line -> lines.add(" ".repeat(hanging) + line));
        return lines;
    }

    private static int width(int c) {
        if (c < 0x300) {
            return 1;
        }
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        boolean wide = (c >= 0x1100 && c <= 0x115f)
                || (c >= 0x2e80 && c <= 0xa4cf)
                || (c >= 0xac00 && c <= 0xd7a3)
                || (c >= 0xf900 && c <= 0xfaff)
                || (c >= 0xfe30 && c <= 0xfe6f)
                || (c >= 0xff00 && c <= 0xff60)
                || (c >= 0xffe0 && c <= 0xffe6)
                || (c >= 0x1f300 && c <= 0x1faff)
                || c >= 0x20000;
        return wide ? 2 : 1;
    }
}
