package dev.gradwatch.commands;

/**
 * What a report is made for.
 *
 * @param width columns that no line exceeds
 */
record Page(int width, Glyphs glyphs, Style style) {

    /** Longer lines are hard to read, however wide the terminal. */
    static final int WIDEST = 120;

    /** For this process's standard output as it is now. */
    static Page ofStandardOutput() {
        int width = Math.min(WIDEST, TerminalSize.now().columns());
        return new Page(width, Glyphs.of(System.getenv()), Style.ofStandardOutput());
    }

    /** Without colour, and of the characters that every terminal and every mail shows. */
    Page plain() {
        return new Page(width, Glyphs.ASCII, Style.PLAIN);
    }
}
