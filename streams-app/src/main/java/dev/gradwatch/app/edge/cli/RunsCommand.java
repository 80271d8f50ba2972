package dev.gradwatch.app.edge.cli;

import dev.gradwatch.app.edge.config.GradwatchConfig;
import dev.gradwatch.schemas.RunStatus;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The compacted status topic as a table. */
@Command(
        name = "runs",
        description = "List the runs that are watched: where they are, and what is open.",
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE},
        footer = {
            "",
            "Examples:",
            "  gradwatch runs                    a table, those with the gravest alerts first",
            "  gradwatch runs --alerting         only those with open alerts",
            "  gradwatch runs --json             a run a line, for programs"
        })
final class RunsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(names = "--json", description = "One JSON object a run, for programs.")
    private boolean json;

    @Option(names = "--alerting", description = "Only runs with open alerts.")
    private boolean alerting;

    @Override
    public Integer call() {
        GradwatchConfig effective = config.load();
        Output output = Output.of(spec);
        Map<String, RunStatus> runs = new TreeMap<>();
        try (TopicFollower<RunStatus> topic =
                new TopicFollower<>(effective, effective.topics().runStatus(), RunStatus.class, output::say)) {
            topic.fromBeginning();
            topic.readToEnd((id, status) -> {
                if (status == null) {
                    runs.remove(id);
                } else {
                    runs.put(id, status);
                }
            });
        }
        runs.values().removeIf(run -> alerting && run.getOpenAlerts().isEmpty());
        if (json) {
            runs.values().forEach(run -> output.out().println(RunTable.json(run)));
        } else {
            RunTable.print(runs.values(), output.out(), output.style());
        }
        output.out().flush();
        return ExitCode.OK;
    }
}
