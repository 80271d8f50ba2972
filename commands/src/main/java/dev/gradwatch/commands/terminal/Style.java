package dev.gradwatch.commands.terminal;

import dev.gradwatch.detection.alert.Severity;
import java.util.Map;
import java.util.Set;

/**
 * Colour, or none. Colour is for terminals only, and never with {@code NO_COLOR} set or on a dumb terminal. The launcher tells by the
 * system property {@value #TERMINALS} which streams are terminals, because Java 17 cannot.
 */
public enum Style {
    PLAIN,
    COLOURED;

    static final String TERMINALS = "gradwatch.terminals";

    private static final String RESET = "\u001B[0m";

    /** For what this process writes to its standard output. */
    public static Style ofStandardOutput() {
        return of(System.getenv(), isTerminal("out"));
    }

    static Style of(Map<String, String> environment, boolean terminal) {
        boolean refused = !environment.getOrDefault("NO_COLOR", "").isEmpty();
        boolean dumb = environment.getOrDefault("TERM", "").equals("dumb");
        return terminal && !refused && !dumb ? COLOURED : PLAIN;
    }

    /** Whether {@code out} or {@code err} is a terminal, as far as anybody said so. */
    public static boolean isTerminal(String stream) {
        return Set.of(System.getProperty(TERMINALS, "").split(",", -1)).contains(stream);
    }

    /** In the colour of a severity. */
    public String severity(Severity severity, String text) {
        return switch (severity) {
            case CRITICAL -> with("\u001B[1;31m", text);
            case WARNING -> with("\u001B[1;33m", text);
            case INFO -> with("\u001B[36m", text);
        };
    }

    /** Good news. */
    public String good(String text) {
        return with("\u001B[32m", text);
    }

    /** The second curve of a drawing, told apart from the first. */
    public String second(String text) {
        return with("\u001B[35m", text);
    }

    public String bold(String text) {
        return with("\u001B[1m", text);
    }

    /** Less important than what stands beside it. */
    public String faint(String text) {
        return with("\u001B[2m", text);
    }

    private String with(String code, String text) {
        return this == COLOURED ? code + text + RESET : text;
    }
}
