package dev.gradwatch.commands.runs;

import dev.gradwatch.app.service.brokers.TopicReader;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.terminal.LiveScreen;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.schemas.RunStatus;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The compacted status topic as a table. */
@Command(
        name = "runs",
        description = "List the runs that are watched: where they are, and what is open.",
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE, ExitCode.DOC_INTERRUPTED},
        footer = {
            "",
            "Examples:",
            "  gradwatch runs                    a table, those with the gravest alerts first",
            "  gradwatch runs --alerting         only those with open alerts",
            "  gradwatch runs --watch            the table as it changes, until Ctrl-C",
            "  gradwatch runs --json             a run a line, for programs"
        })
public final class RunsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(names = "--json", description = "One JSON object a run, for programs.")
    private boolean json;

    @Option(names = "--alerting", description = "Only runs with open alerts.")
    private boolean alerting;

    @Option(names = "--watch", description = "Keep the table on the screen and up to date, until Ctrl-C.")
    private boolean watch;

    @Override
    public Integer call() throws InterruptedException {
        if (watch && (json || !Style.isTerminal("out"))) {
            throw new ParameterException(
                    spec.commandLine(), "--watch needs a terminal, and does not go with --json; leave it out");
        }
        GradwatchConfig effective = config.load();
        Output output = Output.of(spec);
        Map<String, RunStatus> runs = new TreeMap<>();
        try (TopicReader<RunStatus> topic =
                new TopicReader<>(effective, effective.topics().runStatus(), RunStatus.class, "runs", output::say)) {
            if (watch) {
                topic.awaitTopic();
            } else {
                topic.connect();
            }
            topic.fromBeginning();
            topic.readToEnd((id, status) -> keep(runs, id, status));
            if (watch) {
                watch(topic, runs, output);
                return ExitCode.OK;
            }
        }
        if (json) {
            shown(runs).forEach(run -> output.json(RunTable.json(run)));
        } else {
            new RunTable(PageFormat.forTables()).lines(shown(runs)).forEach(output.out()::println);
        }
        output.out().flush();
        return ExitCode.OK;
    }

    private void watch(TopicReader<RunStatus> topic, Map<String, RunStatus> runs, Output output) {
        try (LiveScreen screen = LiveScreen.open(output.out())) {
            topic.follow((id, status) -> keep(runs, id, status), () -> {
                screen.showWhenDue(page -> new RunTable(page).lines(shown(runs)));
                return output.isGone();
            });
        }
    }

    private static void keep(Map<String, RunStatus> runs, String id, RunStatus status) {
        if (status == null) {
            runs.remove(id);
        } else {
            runs.put(id, status);
        }
    }

    private List<RunStatus> shown(Map<String, RunStatus> runs) {
        return runs.values().stream()
                .filter(run -> !alerting || !run.getOpenAlerts().isEmpty())
                .toList();
    }
}
