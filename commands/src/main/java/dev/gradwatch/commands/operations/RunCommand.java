package dev.gradwatch.commands.operations;

import dev.gradwatch.app.service.GradwatchService;
import dev.gradwatch.app.service.Termination;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.terminal.Output;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The service, until it is asked to stop or fails. */
@Command(
        name = "run",
        description = {
            "Run the service against a Kafka cluster until it is stopped.",
            "The topics must be there ('gradwatch topics create'). Metrics and health are served over HTTP."
        },
        exitCodeList = {
            ExitCode.DOC_OK,
            ExitCode.DOC_FAILED,
            ExitCode.DOC_USAGE,
            ExitCode.DOC_INTERRUPTED,
            "143:stopped by SIGTERM"
        },
        footer = {
            "",
            "Examples:",
            "  gradwatch run                              brokers and registry on this machine",
            "  gradwatch run --config prod.properties",
            "  GRADWATCH_HTTP_PORT=9090 gradwatch run     every key may come from the environment",
            "",
            "'gradwatch config' shows what it would run with."
        })
public final class RunCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Override
    public Integer call() throws InterruptedException {
        Output output = Output.of(spec);
        try (GradwatchService service = new GradwatchService(config.load())) {
            Runtime.getRuntime().addShutdownHook(new Thread(service::close, "gradwatch-shutdown"));
            service.start();
            output.say("gradwatch: metrics and health on " + service.address());
            Termination end = service.awaitTermination();
            if (end.exitCode() != 0) {
                output.say("gradwatch: " + end.reason());
            }
            return end.exitCode();
        }
    }
}
