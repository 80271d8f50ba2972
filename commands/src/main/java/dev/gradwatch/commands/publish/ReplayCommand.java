package dev.gradwatch.commands.publish;

import dev.gradwatch.app.service.brokers.EventPublisher;
import dev.gradwatch.app.service.config.GradwatchConfig;
import dev.gradwatch.commands.options.ConfigOptions;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.options.LogOptions;
import dev.gradwatch.commands.options.RecordedFiles;
import dev.gradwatch.commands.options.RegistrationOptions;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.commands.terminal.ProgressLine;
import dev.gradwatch.commands.terminal.Style;
import dev.gradwatch.recorded.RecordedRun;
import dev.gradwatch.recorded.RecordedRuns;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Recorded runs into Kafka, as their training jobs would have published them. */
@Command(
        name = "replay",
        description = {
            "Publish recorded runs to Kafka, as their training jobs would have.",
            "Every file is checked first; of a file that cannot be read nothing is published, of one that is cut off what was"
                    + " before. Event times are those of the recording, so that alerts are the same as in"
                    + " 'gradwatch backtest'."
        },
        exitCodeList = {
            ExitCode.DOC_OK,
            ExitCode.DOC_FAILED,
            ExitCode.DOC_USAGE,
            ExitCode.DOC_UNREADABLE,
            ExitCode.DOC_INTERRUPTED
        },
        footer = {
            "",
            "Examples:",
            "  gradwatch replay runs/digits.jsonl              as fast as the brokers take it",
            "  gradwatch replay --speed 10x runs/              a folder, all runs together, ten times as fast as they were",
            "  gradwatch replay --bootstrap-servers localhost:40001 --registry http://localhost:40002 a.jsonl",
            "",
            "A run that was published before is ignored as a repetition: reset first, or change the run_id in its header."
        })
public final class ReplayCommand implements Callable<Integer> {

    private static final int MOST_OPEN = 200;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config = new ConfigOptions();

    @Mixin
    private RegistrationOptions registration = new RegistrationOptions();

    @Option(
            names = "--speed",
            defaultValue = "max",
            converter = ReplaySpeed.Converter.class,
            description = "10x, realtime or max. Default: ${DEFAULT-VALUE}.")
    private ReplaySpeed speed;

    @Option(names = "--quiet", description = "No progress.")
    private boolean quiet;

    @Mixin
    private LogOptions logs = new LogOptions();

    @Parameters(arity = "1..*", paramLabel = "FILE|DIR", description = "Recorded runs, or folders of them.")
    private List<Path> paths = new ArrayList<>();

    @Override
    public Integer call() throws IOException, RecordedRunException, InterruptedException {
        registration.check(spec);
        GradwatchConfig effective = config.load();
        Output output = Output.of(spec);
        RecordedFiles files = RecordedFiles.of(paths, output, logs.readOptions());
        List<Path> sound = checked(files, output);
        if (!sound.isEmpty()) {
            publish(effective, sound, output);
        }
        return files.unreadableCount() > 0 ? ExitCode.SOME_UNREADABLE : ExitCode.OK;
    }

    private static List<Path> checked(RecordedFiles files, Output output) {
        Map<String, Path> byRun = new LinkedHashMap<>();
        for (Path file : files.found()) {
            try (RecordedRun run = files.open(file)) {
                boolean readable = isReadable(run, files);
                Path earlier = readable ? byRun.putIfAbsent(run.runId(), file) : null;
                if (earlier != null) {
                    files.unreadable(new RecordedRunException(
                            file, 0, "is the same run as " + earlier + "; one of them is enough", run.runId()));
                }
            } catch (RecordedRunException e) {
                files.unreadable(e);
            } catch (IOException e) {
                output.say(file + ": " + e.getMessage());
            }
        }
        return List.copyOf(byRun.values());
    }

    /** Whether its records are sound, be it up to where it breaks off. */
    private static boolean isReadable(RecordedRun run, RecordedFiles files) {
        try {
            while (run.next() != null) {
                // Only to see that it can be read.
            }
            return true;
        } catch (RecordedRunException e) {
            files.unreadable(e);
            return e.isCutOff();
        }
    }

    private void publish(GradwatchConfig effective, List<Path> files, Output output)
            throws IOException, RecordedRunException, InterruptedException {
        long size = 0;
        for (Path file : files) {
            size += RecordedRuns.size(file);
        }
        long records = 0;
        ProgressLine progress = new ProgressLine(output.err(), "replay", Style.isTerminal("err"));
        try (EventPublisher publisher = new EventPublisher(effective, "replay", output::say);
                ReplaySchedule schedule = new ReplaySchedule(files, registration, MOST_OPEN, logs.readOptions())) {
            publisher.awaitCluster(false);
            long begun = System.nanoTime();
            for (var due = schedule.next(); due != null; due = schedule.next()) {
                waitUntil(begun, speed.waitMillis(due.dueMillis()));
                publisher.publish(due.record());
                records++;
                if (!quiet) {
                    progress.at(records, schedule.bytesRead() / (double) Math.max(1, size));
                }
            }
            publisher.awaitDelivered();
        }
        progress.finish();
        output.say(String.format(
                Locale.ROOT,
                "replay: published %,d records of %d run%s to %s in %.1f s",
                records,
                files.size(),
                files.size() == 1 ? "" : "s",
                effective.topics().trainingEvents(),
                progress.seconds()));
    }

    private static void waitUntil(long begun, double millis) throws InterruptedException {
        long nanos = begun + (long) (millis * 1e6) - System.nanoTime();
        if (nanos > 0) {
            TimeUnit.NANOSECONDS.sleep(nanos);
        }
    }
}
