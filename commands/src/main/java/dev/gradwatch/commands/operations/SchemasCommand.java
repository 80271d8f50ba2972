package dev.gradwatch.commands.operations;

import dev.gradwatch.app.engine.Topics;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.RunStatus;
import dev.gradwatch.schemas.TrainingEvent;
import dev.gradwatch.wire.AvroWire;
import dev.gradwatch.wire.ConfluentSchemaRegistry;
import dev.gradwatch.wire.SchemaRegistry;
import org.apache.avro.specific.SpecificRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The service's schemas, for registries where a running service may not register any ({@code registry.auto-register = false}). */
@Command(
        name = "schemas",
        description = "Register or check the schemas of the service's topics.",
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE},
        footer = {
            "",
            "Examples:",
            "  gradwatch schemas register                            with somebody's rights who may",
            "  gradwatch run --set registry.auto-register=false      with the rights of the service"
        })
public final class SchemasCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: register or check");
    }

    @Command(
            name = "register",
            description = "Register the schemas and set FULL_TRANSITIVE on them; those that are there keep their ids.",
            exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE})
    int register(@Mixin ConfigOptions config) {
        return resolve(
                config, true, Output.of(spec.subcommands().get("register").getCommandSpec()));
    }

    @Command(
            name = "check",
            description = "Show the ids of the schemas; fails when one is missing.",
            exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE})
    int check(@Mixin ConfigOptions config) {
        return resolve(config, false, Output.of(spec.subcommands().get("check").getCommandSpec()));
    }

    private static int resolve(ConfigOptions options, boolean register, Output output) {
        GradwatchConfig config = options.load();
        Topics topics = config.topics();
        try (SchemaRegistry registry = new ConfluentSchemaRegistry(
                config.settings().registry().urls(),
                config.settings().registry().properties())) {
            print(TrainingEvent.class, topics.trainingEvents(), registry, register, output);
            print(Alert.class, topics.alerts(), registry, register, output);
            print(RunStatus.class, topics.runStatus(), registry, register, output);
        }
        return ExitCode.OK;
    }

    private static <T extends SpecificRecord> void print(
            Class<T> type, String topic, SchemaRegistry registry, boolean register, Output output) {
        String subject = topic + "-value";
        int id = new AvroWire<>(type, subject, registry, register).schemaId();
        if (register) {
            registry.requireCompatibility(subject, SchemaRegistry.SAFE_COMPATIBILITY);
        }
        output.out().println(subject + "  " + type.getSimpleName() + "  id " + id);
        output.out().flush();
    }
}
