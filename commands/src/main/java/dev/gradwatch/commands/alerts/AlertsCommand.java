package dev.gradwatch.commands.alerts;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.gradwatch.app.service.brokers.TopicReader;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.options.TimeText;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.detection.alert.Alert;
import dev.gradwatch.detection.alert.AlertState;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.schemas.RunStatus;
import dev.gradwatch.wire.PublishedAlerts;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
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
            "  gradwatch alerts --since 2h --until-now          those of the last two hours, then end",
            "  gradwatch alerts --run digits --from-beginning   of one run, by its name or its id",
            "  gradwatch alerts --severity critical --json      for a program, a moment of an alert a line",
            "",
            "What was there before comes in the order of its time, what is new as it arrives."
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

    @Option(
            names = "--since",
            paramLabel = "TIME",
            description = "Begin with what happened since then: how long ago (2h, 7d), a date, or an ISO time.")
    private String since;

    @Option(names = "--until-now", description = "End where the topic ends now.")
    private boolean untilNow;

    @Option(names = "--run", paramLabel = "NAME|ID", description = "Only this run.")
    private String run;

    @Option(
            names = "--severity",
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = "Only this grave or graver: info, warning, critical. Default: ${DEFAULT-VALUE}.")
    private Severity severity;

    private Instant from = Instant.MIN;
    private Set<String> wanted;
    private int width = PageFormat.USUAL_WIDTH;
    private long shown;

    @Override
    public Integer call() throws InterruptedException {
        width = PageFormat.ofStandardOutput().width();
        from = since == null ? Instant.MIN : time(since);
        boolean backlog = fromBeginning || since != null;
        GradwatchConfig effective = config.load();
        Output output = Output.of(spec);
        try (TopicReader<dev.gradwatch.schemas.Alert> topic = new TopicReader<>(
                effective, effective.topics().alerts(), dev.gradwatch.schemas.Alert.class, "alerts", output::say)) {
            if (untilNow) {
                topic.connect();
            } else {
                topic.awaitTopic();
            }
            if (backlog || run != null) {
                AlertBacklog before = backlog(topic);
                wanted = run == null ? null : runs(effective, before, output);
                if (backlog) {
                    before.inOrder().forEach(alert -> show(alert, output));
                    sayWhenNothing(output);
                }
            } else {
                topic.fromEnd();
            }
            if (!untilNow) {
                output.say(
                        "alerts: waiting for new ones on " + effective.topics().alerts() + "; Ctrl-C ends");
                topic.follow((key, alert) -> show(alert, output), output::isGone);
            }
        }
        output.out().flush();
        return ExitCode.OK;
    }

    private Instant time(String text) {
        try {
            return TimeText.parse(text, Instant.now());
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--since: " + e.getMessage(), e);
        }
    }

    private static AlertBacklog backlog(TopicReader<dev.gradwatch.schemas.Alert> topic) {
        AlertBacklog backlog = new AlertBacklog();
        topic.fromBeginning();
        topic.readToEnd((key, alert) -> {
            if (alert != null) {
                backlog.add(alert);
            }
        });
        return backlog;
    }

    /** The runs that {@code --run} means, of all that are watched or ever had an alert. */
    private Set<String> runs(GradwatchConfig effective, AlertBacklog before, Output output) {
        RunChoice choice = new RunChoice(run);
        before.inOrder().forEach(alert -> choice.know(alert.getRunId(), alert.getRunName()));
        try (TopicReader<RunStatus> statuses =
                new TopicReader<>(effective, effective.topics().runStatus(), RunStatus.class, "alerts", output::say)) {
            statuses.connect();
            statuses.fromBeginning();
            statuses.readToEnd((id, status) -> {
                if (status != null) {
                    choice.know(id, status.getRunName());
                }
            });
        }
        Set<String> ids = choice.ids();
        String ambiguity = RunChoice.ambiguity(run, ids);
        if (ambiguity != null) {
            output.say("alerts: " + ambiguity);
        }
        return ids;
    }

    private void sayWhenNothing(Output output) {
        if (shown == 0) {
            output.say("alerts: none "
                    + (run == null ? "yet" : "of this run")
                    + (since == null ? "" : " since " + TimeText.of(from))
                    + (severity == Severity.INFO
                            ? ""
                            : ", " + severity.name().toLowerCase(Locale.ROOT) + " or graver"));
        }
    }

    private void show(dev.gradwatch.schemas.Alert message, Output output) {
        if (message == null
                || (wanted != null && !wanted.contains(message.getRunId()))
                || message.getUpdatedAt().isBefore(from)) {
            return;
        }
        Alert alert = PublishedAlerts.toAlert(message);
        if (alert.severity().compareTo(severity) < 0) {
            return;
        }
        if (json) {
            output.json(joined(AlertJson.line(alert), context(message)));
        } else if (alert.state() != AlertState.UPDATED) {
            String place = TimeText.of(message.getUpdatedAt()) + "  " + TerminalText.of(alert.runId());
            output.out().println(output.style().faint(place));
            AlertCard.of(alert, message.getRunName(), message.getTeam(), output.style(), width)
                    .lines()
                    .forEach(output.out()::println);
            output.out().println();
        }
        shown++;
        output.out().flush();
    }

    /** What the topic knows beyond the alert itself: what people call its run, and when it was. */
    private static String context(dev.gradwatch.schemas.Alert message) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("run_name", message.getRunName());
            json.writeStringField("team", message.getTeam());
            json.writeStringField("opened_at", TimeText.of(message.getOpenedAt()));
            json.writeStringField("updated_at", TimeText.of(message.getUpdatedAt()));
            json.writeStringField(
                    "resolved_at", message.getResolvedAt() == null ? null : TimeText.of(message.getResolvedAt()));
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return text.toString();
    }

    /** The fields of both objects in one. */
    private static String joined(String object, String more) {
        return object.substring(0, object.length() - 1) + "," + more.substring(1);
    }
}
