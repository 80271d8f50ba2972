package dev.gradwatch.commands;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code --help}: {@link Main} adds it to every command, those of other modules included. */
@Command
final class HelpOption {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this text and end.")
    private boolean asked;

    boolean asked() {
        return asked;
    }
}
