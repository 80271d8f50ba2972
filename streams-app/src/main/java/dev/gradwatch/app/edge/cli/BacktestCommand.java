package dev.gradwatch.app.edge.cli;

import dev.gradwatch.app.edge.cli.BacktestedRun.Seen;
import dev.gradwatch.app.recorded.RecordedRunException;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.detection.detector.DetectorSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The detection core over recorded runs, without Kafka. */
@Command(
        name = "backtest",
        description = {
            "Run the detectors over recorded runs and say what they would have said.",
            "Needs no Kafka: it is the same core that the service runs, over the same records."
        },
        exitCodeList = {ExitCode.DOC_OK, ExitCode.DOC_FAILED, ExitCode.DOC_USAGE, ExitCode.DOC_UNREADABLE},
        footer = {
            "",
            "Examples:",
            "  gradwatch backtest runs/digits.jsonl            one run, readable",
            "  gradwatch backtest --json runs/ > alerts.jsonl  a folder, an alert a line",
            "  gradwatch backtest --set loss-plateau.flat=0.02 runs/*.jsonl.gz",
            "",
            "Alerts do not change the exit code. With --json every line is one alert in its last state."
        })
final class BacktestCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Option(names = "--json", description = "One JSON object an alert, for programs.")
    private boolean json;

    @Option(
            names = "--set",
            paramLabel = "DETECTOR.PARAM=VALUE",
            description = "Change a detector's parameter; see 'gradwatch detectors'. May be repeated.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Parameters(arity = "1..*", paramLabel = "FILE|DIR", description = "Recorded runs, or folders of them.")
    private List<Path> paths = new ArrayList<>();

    @Override
    public Integer call() {
        RunWatch core = new RunWatch(settings());
        Output output = Output.of(spec);
        RecordedFiles files = RecordedFiles.of(paths, output);
        long begun = System.nanoTime();
        BacktestReport report = json ? null : new BacktestReport(output.out(), output.style());
        for (Path file : files.found()) {
            try {
                BacktestedRun run = BacktestedRun.watch(file, core);
                if (report != null) {
                    report.add(run);
                } else {
                    print(run, output);
                }
            } catch (RecordedRunException e) {
                files.unreadable(e);
            }
            if (output.isGone()) {
                return ExitCode.OK;
            }
        }
        if (report != null) {
            report.finish(files.unreadableCount(), (System.nanoTime() - begun) / 1e9);
        }
        output.out().flush();
        return files.unreadableCount() > 0 ? ExitCode.SOME_UNREADABLE : ExitCode.OK;
    }

    private static void print(BacktestedRun run, Output output) {
        for (Seen seen : run.alerts()) {
            output.out().println(AlertJson.line(seen.alert(), seen.opened(), seen.ended()));
        }
    }

    private DetectorSettings settings() {
        Map<String, Double> overrides = new LinkedHashMap<>();
        parameters.forEach((key, value) -> {
            String name = key.startsWith("detectors.") ? key.substring("detectors.".length()) : key;
            try {
                overrides.put(name, Double.valueOf(value));
            } catch (NumberFormatException e) {
                throw new ParameterException(
                        spec.commandLine(), "--set " + key + "=" + value + ": the value must be a number", e);
            }
        });
        try {
            return DetectorSettings.of(overrides);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--set " + e.getMessage(), e);
        }
    }
}
