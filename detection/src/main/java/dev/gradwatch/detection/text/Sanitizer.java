package dev.gradwatch.detection.text;

/**
 * The one place where untrusted text (whatever a run, a file or a server calls itself) is made fit to be shown: in a terminal, in JSON, in
 * a log, in a metric's label, in a record's header. What comes out never holds an {@linkplain #isUnsafe unsafe} character: nothing that
 * moves a cursor, changes a colour, reverses the direction of text, breaks a line, or cannot be seen.
 */
public final class Sanitizer {

    /** Enough to recognise a value, and a message stays one line or two. */
    private static final int LONGEST_QUOTE = 100;

    private static final int ESCAPE = 0x1b;
    private static final int CONTROL_SEQUENCE = 0x9b;

    private Sanitizer() {}

    /**
     * Whether a character must not reach a reader as it is: control characters (C0, DEL, C1), formatting (bidirectional overrides, zero
     * width, tags, byte order marks, soft hyphens), line and paragraph separators, lone surrogates, private use, unassigned and
     * noncharacters, variation selectors, and letters that are drawn as nothing.
     */
    public static boolean isUnsafe(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> isInvisible(codePoint);
        };
    }

    /**
     * One line for people: whole terminal sequences and unsafe characters are taken out, each white space becomes a blank. Empty for
     * {@code null}.
     */
    public static String line(String text) {
        if (text == null) {
            return "";
        }
        StringBuilder line = new StringBuilder(text.length());
        int i = 0;
        while (i < text.length()) {
            int c = text.codePointAt(i);
            if (c == ESCAPE || c == CONTROL_SEQUENCE || isStringIntroducer(c)) {
                i = afterSequence(text, i, c);
                continue;
            }
            if (Character.isWhitespace(c) || Character.isSpaceChar(c)) {
                line.append(' ');
            } else if (!isUnsafe(c)) {
                line.appendCodePoint(c);
            }
            i += Character.charCount(c);
        }
        return line.toString();
    }

    /**
     * Every unsafe character as the escape that JSON and Java have for it, such as {@code \}{@code u202e}; a pair of escapes beyond the
     * basic plane. Nothing is lost, and JSON stays the same JSON.
     */
    public static String escape(String text) {
        return escape(text, "");
    }

    /** The same for text of several lines: line feeds and tabs stay. */
    public static String escapeLines(String text) {
        return escape(text, "\n\t");
    }

    /** Quoted and escaped, at most {@value #LONGEST_QUOTE} characters of it. */
    public static String quoted(String text) {
        return quoted(text, LONGEST_QUOTE);
    }

    /**
     * Quoted and escaped, for messages that name a value.
     *
     * @param longest most characters that are shown; how many more there are is said
     * @return {@code nothing} for {@code null}
     */
    public static String quoted(String text, int longest) {
        if (text == null) {
            return "nothing";
        }
        int end = Math.min(text.length(), longest);
        if (end < text.length() && end > 0 && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        String rest = end < text.length() ? " and " + (text.length() - end) + " characters more" : "";
        return "'" + escape(text.substring(0, end)) + "'" + rest;
    }

    /**
     * A label: each unsafe character becomes a question mark, so that the number of characters stays.
     *
     * @param longest most characters
     */
    public static String label(String text, int longest) {
        StringBuilder label = new StringBuilder(Math.min(text.length(), longest));
        text.codePoints().limit(longest).forEach(c -> label.appendCodePoint(isUnsafe(c) ? '?' : c));
        return label.toString();
    }

    private static String escape(String text, String kept) {
        int first = 0;
        while (first < text.length() && text.charAt(first) >= ' ' && text.charAt(first) < 0x7f) {
            first++;
        }
        if (first == text.length()) {
            return text;
        }
        StringBuilder escaped = new StringBuilder(text.length() + 32).append(text, 0, first);
        int i = first;
        while (i < text.length()) {
            int c = text.codePointAt(i);
            int size = Character.charCount(c);
            if (isUnsafe(c) && kept.indexOf(c) < 0) {
                for (int unit = i; unit < i + size; unit++) {
                    escaped.append("\\u").append(hex(text.charAt(unit)));
                }
            } else {
                escaped.appendCodePoint(c);
            }
            i += size;
        }
        return escaped.toString();
    }

    private static String hex(char unit) {
        String digits = Integer.toHexString(unit);
        return "0".repeat(4 - digits.length()) + digits;
    }

    /** Letters and marks that are drawn as nothing although their category says otherwise; from Unicode's Default_Ignorable_Code_Point. */
    private static boolean isInvisible(int c) {
        return c == 0x034f
                || c == 0x115f
                || c == 0x1160
                || c == 0x17b4
                || c == 0x17b5
                || (c >= 0x180b && c <= 0x180f)
                || c == 0x2800
                || c == 0x3164
                || (c >= 0xfe00 && c <= 0xfe0f)
                || c == 0xffa0
                || (c >= 0xe0000 && c <= 0xe0fff);
    }

    /** Device control, start of string, operating system command, privacy message, application command: C1 and what begins like them. */
    private static boolean isStringIntroducer(int c) {
        return c == 0x90 || c == 0x98 || (c >= 0x9d && c <= 0x9f);
    }

    private static int afterSequence(String text, int at, int introducer) {
        int i = at + 1;
        boolean sequence = introducer == CONTROL_SEQUENCE;
        boolean string = isStringIntroducer(introducer);
        if (introducer == ESCAPE && i < text.length()) {
            char kind = text.charAt(i);
            sequence = kind == '[';
            string = kind == ']' || kind == 'P' || kind == '_' || kind == '^' || kind == 'X';
            i += Character.charCount(text.codePointAt(i));
        }
        while (sequence && i < text.length()) {
            char c = text.charAt(i++);
            if (c >= 0x40 && c <= 0x7e) {
                return i;
            }
        }
        while (string && i < text.length()) {
            char c = text.charAt(i++);
            if (c == 0x07 || c == 0x9c) {
                return i;
            }
            if (c == ESCAPE) {
                return i < text.length() && text.charAt(i) == '\\' ? i + 1 : i;
            }
        }
        return i;
    }
}
