package dev.gradwatch.commands.terminal;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How large the terminal is now. Java cannot tell, so {@code stty} is asked; a {@code COLUMNS} in the environment wins. */
record TerminalSize(int columns, int rows) {

    /** Of files, pipes and terminals that say nothing. */
    static final TerminalSize UNKNOWN = new TerminalSize(PageFormat.USUAL_WIDTH, 40);

    private static final int NARROWEST = 40;
    private static final int LEAST_ROWS = 6;
    private static final long PATIENCE_MILLIS = 500;

    /** Asks anew each time, because people drag windows. */
    static TerminalSize now() {
        return of(System.getenv(), Style.isTerminal("out") ? fromTerminal() : null);
    }

    static TerminalSize of(Map<String, String> environment, String rowsAndColumns) {
        TerminalSize size = UNKNOWN;
        String[] parts =
                rowsAndColumns == null ? new String[0] : rowsAndColumns.strip().split(" ", -1);
        if (parts.length == 2) {
            size = new TerminalSize(number(parts[1], size.columns), number(parts[0], size.rows));
        }
        int columns = number(environment.get("COLUMNS"), size.columns);
        return new TerminalSize(Math.max(NARROWEST, columns), Math.max(LEAST_ROWS, size.rows));
    }

    /** A terminal without a size says 0. */
    private static int number(String text, int otherwise) {
        boolean digits = text != null && text.matches("[0-9]{1,5}");
        int value = digits ? Integer.parseInt(text) : 0;
        return value > 0 ? value : otherwise;
    }

    private static String fromTerminal() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!stty.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                stty.destroyForcibly();
                return null;
            }
            return new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }
}
