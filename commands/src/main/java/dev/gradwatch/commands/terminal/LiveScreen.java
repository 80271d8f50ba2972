package dev.gradwatch.commands.terminal;

import java.io.PrintWriter;
import java.util.List;
import java.util.function.Function;

/**
 * A terminal that is drawn over again and again: on its second screen, without a cursor, so that everything is as before when it ends,
 * Ctrl-C included. Thread-safe, because that end comes from another thread.
 */
public final class LiveScreen implements AutoCloseable {

    private static final long EVERY_NANOS = 1_000_000_000L;
    private static final String ENTER = "\u001B[?1049h\u001B[?25l";
    private static final String LEAVE = "\u001B[?25h\u001B[?1049l";
    private static final String HOME = "\u001B[H";
    private static final String REST_OF_LINE = "\u001B[K";
    private static final String REST_OF_SCREEN = "\u001B[J";

    private final PrintWriter out;
    private boolean open = true;
    private long shown = System.nanoTime() - EVERY_NANOS;

    private LiveScreen(PrintWriter out) {
        this.out = out;
    }

    public static LiveScreen open(PrintWriter out) {
        LiveScreen screen = new LiveScreen(out);
        out.print(ENTER);
        Runtime.getRuntime().addShutdownHook(new Thread(screen::close, "restore-terminal"));
        return screen;
    }

    /** Shows lines that fit the page they are made for, at most once a second. */
    public synchronized void showWhenDue(Function<PageFormat, List<String>> content) {
        long now = System.nanoTime();
        if (!open || now - shown < EVERY_NANOS) {
            return;
        }
        shown = now;
        TerminalSize size = TerminalSize.now();
        PageFormat page = PageFormat.ofStandardOutput();
        out.print(frame(content.apply(page), size.rows()));
        out.flush();
    }

    @Override
    public synchronized void close() {
        if (open) {
            open = false;
            out.print(LEAVE);
            out.flush();
        }
    }

    /** Lines from the top of the screen, cut to its rows; the last line, which sums up, always remains. */
    static String frame(List<String> lines, int rows) {
        StringBuilder text = new StringBuilder(HOME);
        int last = lines.size() - 1;
        int room = Math.min(last, rows - 1);
        for (String line : lines.subList(0, Math.max(0, room))) {
            text.append(line).append(REST_OF_LINE).append("\r\n");
        }
        String more = room < last ? "; " + (last - room) + " more do not fit" : "";
        return text.append(lines.get(last))
                .append(more)
                .append(REST_OF_LINE)
                .append(REST_OF_SCREEN)
                .toString();
    }
}
