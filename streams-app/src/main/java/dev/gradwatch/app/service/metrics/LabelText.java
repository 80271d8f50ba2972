package dev.gradwatch.app.service.metrics;

/** Turns text from events into label values: no control characters that a terminal would obey, no endless text. */
final class LabelText {

    static final String ABSENT = "none";
    static final String BEYOND = "other";

    private static final int MAX_CHARS = 256;

    private LabelText() {}

    /** Printable text of bounded length; {@value #ABSENT} for nothing. */
    static String clean(String untrusted) {
        if (untrusted == null || untrusted.isBlank()) {
            return ABSENT;
        }
        StringBuilder clean = new StringBuilder(Math.min(untrusted.length(), MAX_CHARS));
        untrusted.codePoints().limit(MAX_CHARS).forEach(point -> clean.appendCodePoint(isShown(point) ? point : '?'));
        return clean.toString();
    }

    private static boolean isShown(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
