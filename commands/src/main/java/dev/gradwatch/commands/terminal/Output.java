package dev.gradwatch.commands.terminal;

import dev.gradwatch.detection.text.Sanitizer;
import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a command writes: results to {@code out}, everything else to {@code err}.
 *
 * @param style how results are coloured
 */
public record Output(PrintWriter out, PrintWriter err, Style style) {

    public static Output of(CommandSpec spec) {
        return new Output(spec.commandLine().getOut(), spec.commandLine().getErr(), Style.ofStandardOutput());
    }

    /** One line to people, beside the results. */
    public void say(String text) {
        err.println(TerminalText.of(text));
        err.flush();
    }

    /** One line of JSON, safe to look at in a terminal: see {@link Sanitizer#escape}. */
    public void json(String line) {
        out.println(Sanitizer.escape(line));
    }

    /** Whether nobody reads any more, as when {@code head} has seen enough. */
    public boolean isGone() {
        return out.checkError();
    }
}
