package dev.gradwatch.wire;

/** Makes text out of records fit to be shown: cut, quoted, without control characters that a terminal or a log would obey. */
final class Shown {

    private static final int LONGEST = 100;

    private Shown() {}

    static String text(String value) {
        return text(value, LONGEST);
    }

    static String text(String value, int longest) {
        if (value == null) {
            return "nothing";
        }
        int length = Math.min(value.length(), longest);
        StringBuilder shown = new StringBuilder(length + 32).append('\'');
        for (int i = 0; i < length; i++) {
            char c = value.charAt(i);
            if (isHarmless(c)) {
                shown.append(c);
            } else {
                shown.append(String.format("\\u%04x", (int) c));
            }
        }
        shown.append('\'');
        if (value.length() > length) {
            shown.append(" and ").append(value.length() - length).append(" characters more");
        }
        return shown.toString();
    }

    /** Surrogates are shown as escapes too: half of a pair may be cut off, and none is needed to recognise a value. */
    private static boolean isHarmless(char c) {
        return !Character.isISOControl(c)
                && !Character.isSurrogate(c)
                && Character.getType(c) != Character.FORMAT
                && Character.getType(c) != Character.LINE_SEPARATOR
                && Character.getType(c) != Character.PARAGRAPH_SEPARATOR;
    }
}
