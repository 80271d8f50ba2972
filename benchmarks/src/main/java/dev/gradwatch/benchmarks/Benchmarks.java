package dev.gradwatch.benchmarks;

import dev.gradwatch.benchmarks.chaos.Chaos;
import dev.gradwatch.benchmarks.chaos.ManyIds;
import dev.gradwatch.benchmarks.chaos.Restarts;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the benchmarks; {@code benchmarks/run} builds and starts it. */
@Command(
        name = "benchmarks/run",
        description = "Measures Gradwatch on this machine.",
        subcommands = {Core.class, EndToEnd.class, Backtest.class, Chaos.class, Restarts.class, ManyIds.class},
        mixinStandardHelpOptions = true)
public final class Benchmarks {

    private Benchmarks() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Benchmarks()).execute(arguments));
    }
}
