package dev.gradwatch.commands;

import java.io.PrintWriter;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Where a command writes: results to {@code out}, everything else to {@code err}.
 *
 * @param style how results are coloured
 */
record Output(PrintWriter out, PrintWriter err, Style style) {

    static Output of(CommandSpec spec) {
        return new Output(spec.commandLine().getOut(), spec.commandLine().getErr(), Style.ofStandardOutput());
    }

    /** One line to people, beside the results. */
    void say(String text) {
        err.println(PlainText.of(text));
        err.flush();
    }

    /** Whether nobody reads any more, as when {@code head} has seen enough. */
    boolean isGone() {
        return out.checkError();
    }
}
