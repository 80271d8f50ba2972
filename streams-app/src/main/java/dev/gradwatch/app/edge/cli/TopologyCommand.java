package dev.gradwatch.app.edge.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The Kafka Streams topology as text. */
@Command(
        name = "topology",
        description = "Describe the Kafka Streams topology: topics, processors, stores. Connects to nothing.",
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_USAGE},
        footer = {"", "Example:", "  gradwatch topology --topic-prefix staging"})
final class TopologyCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        output.out().println(config.load().topics().trainingEvents());
        return ExitCode.OK;
    }
}
