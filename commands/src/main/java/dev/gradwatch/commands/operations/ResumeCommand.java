package dev.gradwatch.commands.operations;

import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.terminal.Output;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Asks a running service to read a paused partition again. */
@Command(
        name = "resume",
        description = {
            "Read a partition again that the service paused over bad records.",
            "Asks the instance at http.host and http.port of the configuration, with its http.token."
        },
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE},
        footer = {
            "",
            "Examples:",
            "  gradwatch resume 3",
            "  gradwatch resume 3 --service http://gradwatch-0:8080    one instance of several"
        })
public final class ResumeCommand implements Callable<Integer> {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Parameters(
            paramLabel = "PARTITION",
            description = "Number of the partition, as /health/ready and the log name it.")
    private int partition;

    @Option(names = "--service", paramLabel = "URL", description = "Address of the instance that has the partition.")
    private URI service;

    @Override
    public Integer call() throws IOException, InterruptedException {
        GradwatchConfig loaded = config.load();
        URI base = service == null
                ? URI.create("http://" + reachable(loaded.settings().http().host()) + ":"
                        + loaded.settings().http().port())
                : service;
        HttpRequest.Builder request = HttpRequest.newBuilder(base.resolve("/partitions/" + partition + "/resume"))
                .timeout(PATIENCE)
                .POST(HttpRequest.BodyPublishers.noBody());
        loaded.settings().http().token().ifPresent(token -> request.header("Authorization", "Bearer " + token));
        Output output = Output.of(spec);
        try {
            HttpResponse<String> answer = HttpClient.newBuilder()
                    .connectTimeout(PATIENCE)
                    .build()
                    .send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() == 200) {
                output.out().println("Partition " + partition + " is read again.");
                return ExitCode.OK;
            }
            output.say("The service at " + base + " refused (" + answer.statusCode() + "): "
                    + answer.body().strip());
        } catch (IOException e) {
            output.say("No service answers at " + base
                    + ": name the instance that has the partition with --service, or set http.host and http.port.");
        }
        return ExitCode.FAILED;
    }

    private static String reachable(String host) {
        String name = host.equals("0.0.0.0") || host.equals("::") ? "localhost" : host;
        return name.contains(":") ? "[" + name + "]" : name;
    }
}
