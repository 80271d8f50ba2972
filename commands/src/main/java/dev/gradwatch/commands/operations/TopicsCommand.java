package dev.gradwatch.commands.operations;

import dev.gradwatch.app.service.TopicsAdmin;
import dev.gradwatch.app.service.TopicsAdmin.Creation;
import dev.gradwatch.app.service.TopicsAdmin.Description;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.TerminalText;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The service's topics: they are made by this command, never silently. */
@Command(
        name = "topics",
        description = "Create, check or list the topics that the service needs.",
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE},
        footer = {
            "",
            "Examples:",
            "  gradwatch topics create                                    what is missing; nothing is changed",
            "  gradwatch topics create --set topics.partitions=48         as many as instances will ever share",
            "  gradwatch topics check && gradwatch run"
        })
public final class TopicsCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: create, check or list");
    }

    @Command(
            name = "create",
            description = "Create the topics that are missing; those that are there stay as they are.",
            exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE})
    int create(@Mixin ConfigOptions config) {
        Output output = output("create");
        try (TopicsAdmin admin = new TopicsAdmin(config.load())) {
            for (Creation creation : admin.create()) {
                String partitions = creation.plan().partitions() + " partitions";
                output.out()
                        .println(
                                creation.created()
                                        ? "created  " + creation.plan().name() + "  " + partitions
                                        : "is there " + creation.plan().name());
            }
        }
        return ExitCode.OK;
    }

    @Command(
            name = "check",
            description = "Say what would keep the service from starting; nothing when all is well.",
            exitCodeList = {ExitCode.DOC_OK, "1:something is wrong; it stands on stdout", ExitCode.DOC_USAGE})
    int check(@Mixin ConfigOptions config) {
        Output output = output("check");
        try (TopicsAdmin admin = new TopicsAdmin(config.load())) {
            List<String> problems = admin.check();
            problems.forEach(problem -> output.out().println(TerminalText.of(problem)));
            return problems.isEmpty() ? ExitCode.OK : ExitCode.FAILED;
        }
    }

    @Command(
            name = "list",
            description = "Show the topics as they are: partitions, replication, retention.",
            exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE})
    int list(@Mixin ConfigOptions config) {
        Output output = output("list");
        try (TopicsAdmin admin = new TopicsAdmin(config.load())) {
            admin.describe().forEach(topic -> print(topic, output));
        }
        return ExitCode.OK;
    }

    private static void print(Description topic, Output output) {
        output.out().println(output.style().bold(topic.name()));
        String facts = topic.exists()
                ? topic.partitions() + " partitions, replication " + topic.replicationFactor() + ", "
                        + shown(topic.settings())
                : "missing: 'gradwatch topics create' makes it";
        TerminalText.wrap(facts, PageFormat.USUAL_WIDTH - 2)
                .forEach(line -> output.out().println("  " + line));
        for (String problem : topic.problems()) {
            TerminalText.wrap("! " + TerminalText.of(problem), PageFormat.USUAL_WIDTH - 2)
                    .forEach(line -> output.out().println("  " + line));
        }
    }

    private static String shown(Map<String, String> settings) {
        return new TreeMap<>(settings)
                .entrySet().stream()
                        .map(setting -> setting.getKey() + "=" + setting.getValue())
                        .collect(Collectors.joining(", "));
    }

    private Output output(String subcommand) {
        return Output.of(spec.subcommands().get(subcommand).getCommandSpec());
    }
}
