package dev.gradwatch.commands.terminal;

/**
 * What a report is made for.
 *
 * @param width columns that no line exceeds
 */
public record PageFormat(int width, Glyphs glyphs, Style style) {

    /** Columns of text whose reader's terminal is not known. */
    public static final int USUAL_WIDTH = 100;

    /** Longer lines are hard to read, however wide the terminal. */
    static final int WIDEST = 120;

    /** For this process's standard output as it is now. */
    public static PageFormat ofStandardOutput() {
        int width = Math.min(WIDEST, TerminalSize.now().columns());
        return new PageFormat(width, Glyphs.of(System.getenv()), Style.ofStandardOutput());
    }

    /** Without colour, and of the characters that every terminal and every mail shows. */
    public PageFormat plain() {
        return new PageFormat(width, Glyphs.ASCII, Style.PLAIN);
    }

    /** For tables: as wide as a terminal is, and without a bound for files and pipes, where a cut name would be lost. */
    public static PageFormat forTables() {
        PageFormat page = ofStandardOutput();
        boolean bounded = Style.isTerminal("out") || System.getenv("COLUMNS") != null;
        return bounded ? page : new PageFormat(Integer.MAX_VALUE, page.glyphs(), page.style());
    }
}
