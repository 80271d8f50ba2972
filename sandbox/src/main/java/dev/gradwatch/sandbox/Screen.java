package dev.gradwatch.sandbox;

import dev.gradwatch.commands.terminal.Style;
import java.io.PrintWriter;

/** The terminal, shared by several threads. Below everything it may show one status line, which never remains. Thread-safe. */
final class Screen {

    private static final String ERASE_LINE = "\r\u001B[K";

    private final PrintWriter out;
    private final Style style;
    private final boolean terminal;
    private boolean statusShown;

    /** @param terminal whether a status line can be shown and erased again */
    Screen(PrintWriter out, Style style, boolean terminal) {
        this.out = out;
        this.style = style;
        this.terminal = terminal;
    }

    Style style() {
        return style;
    }

    synchronized void print(String lines) {
        eraseStatus();
        out.println(lines);
        out.flush();
    }

    synchronized void status(String line) {
        if (terminal) {
            eraseStatus();
            out.print(style.faint(line));
            out.flush();
            statusShown = true;
        }
    }

    /** Whether nobody reads any more, as when the reader of a pipe has seen enough. */
    synchronized boolean isGone() {
        return out.checkError();
    }

    private void eraseStatus() {
        if (statusShown) {
            out.print(ERASE_LINE);
            statusShown = false;
        }
    }
}
