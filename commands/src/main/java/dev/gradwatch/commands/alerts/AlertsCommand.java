package dev.gradwatch.commands.alerts;

import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.commands.kafka.TopicFollower;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.wire.PublishedAlerts;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The alert topic in a terminal. */
@Command(
        name = "alerts",
        description = "Follow the alerts as they open, change and end. Ctrl-C ends it.",
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE, ExitCode.DOC_INTERRUPTED},
        footer = {
            "",
            "Examples:",
            "  gradwatch alerts                                 new ones, from now on",
            "  gradwatch alerts --from-beginning --until-now    all that the topic holds, then end",
            "  gradwatch alerts --severity critical --json      for a program, a moment of an alert a line"
        })
public final class AlertsCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Option(names = "--json", description = "One JSON object for every moment of an alert, for programs.")
    private boolean json;

    @Option(names = "--from-beginning", description = "Begin with the oldest alert that the topic still holds.")
    private boolean fromBeginning;

    @Option(names = "--until-now", description = "End where the topic ends now.")
    private boolean untilNow;

    @Option(names = "--run", paramLabel = "ID", description = "Only this run.")
    private String run;

    @Option(
            names = "--severity",
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "Only this grave or graver: info, warning, critical. Default: ${DEFAULT-VALUE}.")
    private Severity severity;

    private int width = PageFormat.USUAL_WIDTH;

    @Override
    public Integer call() {
        width = PageFormat.ofStandardOutput().width();
        GradwatchConfig effective = config.load();
        Output output = Output.of(spec);
        try (TopicFollower<dev.gradwatch.schemas.Alert> topic = new TopicFollower<>(
                effective, effective.topics().alerts(), dev.gradwatch.schemas.Alert.class, output::say)) {
            if (fromBeginning) {
                topic.fromBeginning();
            } else {
                topic.fromEnd();
            }
            if (untilNow) {
                topic.readToEnd((key, alert) -> show(alert, output));
            } else {
                topic.follow((key, alert) -> show(alert, output), output::isGone);
            }
        }
        output.out().flush();
        return ExitCode.OK;
    }

    private void show(dev.gradwatch.schemas.Alert message, Output output) {
        if (message == null || (run != null && !run.equals(message.getRunId()))) {
            return;
        }
        Alert alert = PublishedAlerts.toAlert(message);
        if (alert.severity().compareTo(severity) < 0) {
            return;
        }
        if (json) {
            output.out().println(AlertJson.line(alert));
        } else if (alert.state() != AlertState.UPDATED) {
            AlertCard.of(alert, message.getRunName(), message.getTeam(), output.style(), width)
                    .lines()
                    .forEach(output.out()::println);
            output.out().println();
        }
        output.out().flush();
    }
}
