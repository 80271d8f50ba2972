package dev.gradwatch.commands.operations;

import dev.gradwatch.app.engine.EngineListener;
import dev.gradwatch.app.engine.GradwatchTopology;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.wire.ConfluentSchemaRegistry;
import dev.gradwatch.wire.SchemaRegistry;
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
public final class TopologyCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Override
    public Integer call() {
        Output output = Output.of(spec);
        GradwatchConfig effective = config.load();
        try (SchemaRegistry unused = new ConfluentSchemaRegistry(
                effective.settings().registry().urls(),
                effective.settings().registry().properties())) {
            GradwatchTopology topology = new GradwatchTopology(
                    effective.toEngineSettings(),
                    unused,
                    EngineListener.NONE,
                    partition -> true,
                    System::currentTimeMillis);
            output.out().print(topology.describe());
        }
        output.out().flush();
        return ExitCode.OK;
    }
}
