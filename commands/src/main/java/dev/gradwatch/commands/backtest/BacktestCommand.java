package dev.gradwatch.commands.backtest;

import dev.gradwatch.commands.backtest.BacktestReport.Draw;
import dev.gradwatch.commands.options.ExitCode;
import dev.gradwatch.commands.options.LogOptions;
import dev.gradwatch.commands.options.RecordedFiles;
import dev.gradwatch.commands.options.RegistrationOptions;
import dev.gradwatch.commands.terminal.Output;
import dev.gradwatch.commands.terminal.PageFormat;
import dev.gradwatch.detection.RunWatch;
import dev.gradwatch.recorded.log.RecordedRunException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            "  gradwatch backtest runs/digits.jsonl            one run: its curve and its alerts",
            "  gradwatch backtest --details runs/digits.jsonl  with causes and remedies",
            "  gradwatch backtest --json runs/ > alerts.jsonl  a folder, an alert a line",
            "  gradwatch backtest --compare --set loss-plateau.flat=0.02 runs/*.jsonl.gz",
            "                                                  what that setting would add and remove",
            "  gradwatch backtest --loss crossentropy --classes 10 run.csv",
            "                                                  with what the log does not say",
            "",
            "Alerts do not change the exit code. With --json every line is one alert in its last state, with",
            "--compare one difference."
        })
public final class BacktestCommand implements Callable<Integer> {

    /** Of so many files every curve is drawn; of more, those with alerts. */
    private static final int DRAWN_WITHOUT_ASKING = 20;

    @Spec
    private CommandSpec spec;

    @Mixin
    private RegistrationOptions registration = new RegistrationOptions();

    @Option(names = "--details", description = "Explain each alert: causes with what speaks for them, and the remedy.")
    private boolean details;

    @Option(
            names = "--draw",
            paramLabel = "WHICH",
            description =
                    "Draw the losses of all runs, of those with alerts (a warning or worse), or of none. Default: all up to "
                            + DRAWN_WITHOUT_ASKING + " files, alerts for more.")
    private Draw draw;

    @Option(names = "--plain", description = "No colour, and ASCII alone in drawings.")
    private boolean plain;

    @Option(names = "--json", description = "One JSON object an alert, for programs.")
    private boolean json;

    @Option(
            names = "--set",
            paramLabel = "DETECTOR.PARAM=VALUE",
            description = "Change a detector's parameter; see 'gradwatch detectors'. May be repeated.")
    private Map<String, String> parameters = new LinkedHashMap<>();

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Use the detectors.* settings of this configuration. Default: the built-in ones.")
    private Path config;

    @Option(names = "--compare", description = "Show what --set would add, remove and change, instead of all alerts.")
    private boolean compare;

    @Option(
            names = "--compare-config",
            paramLabel = "FILE",
            description = "Compare with the detectors.* settings of this configuration, and --set over them.")
    private Path otherConfig;

    @Mixin
    private LogOptions logs = new LogOptions();

    @Parameters(arity = "1..*", paramLabel = "FILE|DIR", description = "Recorded runs, or folders of them.")
    private List<Path> paths = new ArrayList<>();

    @Override
    public Integer call() {
        registration.check(spec);
        boolean comparing = compare || otherConfig != null;
        if (comparing && parameters.isEmpty() && otherConfig == null) {
            throw wrong(
                    "--compare needs something to compare with: --set DETECTOR.PARAM=VALUE or --compare-config FILE");
        }
        if (comparing && (details || draw != null)) {
            throw wrong("--compare lists differences; --details and --draw do not go with it");
        }
        BacktestSettings settings = settings();
        List<RunWatch> cores = comparing ? settings.beforeAndAfter() : List.of(settings.after());
        Output output = Output.of(spec);
        RecordedFiles files = RecordedFiles.of(paths, output, logs.readOptions());
        BacktestPrinter printer =
                printer(output.out(), settings, comparing, files.found().size());
        long begun = System.nanoTime();
        for (Path file : files.found()) {
            try {
                printer.add(BacktestedRun.watch(files.open(file), cores, registration, cutOff -> {
                    output.out().flush();
                    files.unreadable(cutOff);
                }));
            } catch (RecordedRunException e) {
                output.out().flush();
                files.unreadable(e);
            }
            if (output.isGone()) {
                return ExitCode.OK;
            }
        }
        printer.finish(files.unreadableCount(), (System.nanoTime() - begun) / 1e9);
        output.out().flush();
        return files.unreadableCount() > 0 ? ExitCode.SOME_UNREADABLE : ExitCode.OK;
    }

    private BacktestPrinter printer(PrintWriter out, BacktestSettings settings, boolean comparing, int files) {
        if (json) {
            return new BacktestJson(out);
        }
        PageFormat standard = PageFormat.ofStandardOutput();
        PageFormat page = plain ? standard.plain() : standard;
        if (comparing) {
            return new ComparisonReport(out, page, settings.comparedWith(), settings.changes());
        }
        Draw chosen = draw != null ? draw : files <= DRAWN_WITHOUT_ASKING ? Draw.ALL : Draw.ALERTS;
        return new BacktestReport(out, page, chosen, details);
    }

    private BacktestSettings settings() {
        try {
            return BacktestSettings.of(config, otherConfig, parameters);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private ParameterException wrong(String reason) {
        return new ParameterException(spec.commandLine(), reason);
    }
}
