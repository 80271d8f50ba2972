package dev.gradwatch.commands.terminal;

import java.io.PrintWriter;
import java.util.Locale;

/** How far long work has come, on stderr: one changing line on a terminal, a line every ten seconds elsewhere. */
public final class ProgressLine {

    private static final long TERMINAL_NANOS = 200_000_000L;
    private static final long LOG_NANOS = 10_000_000_000L;

    private final PrintWriter err;
    private final String what;
    private final boolean terminal;
    private final long begun = System.nanoTime();
    private long lastShown = begun;

    public ProgressLine(PrintWriter err, String what, boolean terminal) {
        this.err = err;
        this.what = what;
        this.terminal = terminal;
    }

    /** Shows where the work is, if it is time to. */
    public void at(long records, double share) {
        long now = System.nanoTime();
        if (now - lastShown < (terminal ? TERMINAL_NANOS : LOG_NANOS)) {
            return;
        }
        lastShown = now;
        String line = String.format(
                Locale.ROOT,
                "%s: %,d records, %.0f %%, %,.0f a second",
                what,
                records,
                100 * share,
                records / seconds(now));
        if (terminal) {
            err.print("\r" + TerminalText.column(line, 70));
        } else {
            err.println(line);
        }
        err.flush();
    }

    /** Clears the changing line. */
    public void finish() {
        if (terminal) {
            err.print("\r" + " ".repeat(70) + "\r");
            err.flush();
        }
    }

    public double seconds() {
        return seconds(System.nanoTime());
    }

    private double seconds(long now) {
        return Math.max(1e-9, (now - begun) / 1e9);
    }
}
