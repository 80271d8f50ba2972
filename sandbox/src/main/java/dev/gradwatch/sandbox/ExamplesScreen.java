package dev.gradwatch.sandbox;

import dev.gradwatch.commands.terminal.TerminalText;
import dev.gradwatch.sandbox.examples.ExampleProcesses;
import dev.gradwatch.sandbox.examples.ExampleProcesses.Progress;
import dev.gradwatch.sandbox.examples.ExampleVerdicts.Judgement;
import dev.gradwatch.sandbox.examples.ExampleVerdicts.Verdict;
import dev.gradwatch.sandbox.examples.NoExamplesException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** What the sandbox tells people about the articles' examples. Thread-safe, as its {@link Screen} is. */
final class ExamplesScreen {

    /** Where text begins in the list of what is up, and in the summary. */
    private static final String LIST = " ".repeat(12);

    private static final String SUMMARY = " ".repeat(13);
    private static final int LONGEST_LAST_LINE = 80;

    private final Screen screen;

    ExamplesScreen(Screen screen) {
        this.screen = screen;
    }

    void up(long begunNanos, int scripts, Path python) {
        screen.print("  %-9s up after %4.1f s   %d scripts of examples/articles, with %s"
                .formatted("examples", (System.nanoTime() - begunNanos) / 1e9, scripts, SandboxScreen.shown(python)));
    }

    void leftOut(NoExamplesException why) {
        screen.print("  %-9s left out: %s. What helps:".formatted("examples", TerminalText.of(why.getMessage())));
        why.remedy().lines().forEach(line -> screen.print(LIST + line));
    }

    void failed(ExampleProcesses.Failure failure) {
        String last = TerminalText.of(failure.lastLine());
        screen.print("Example %s failed: %s; see %s"
                .formatted(failure.example().name(), failure.reason(), SandboxScreen.shown(failure.output())));
        if (!last.isBlank()) {
            screen.print("  " + last.substring(0, Math.min(last.length(), LONGEST_LAST_LINE)));
        }
    }

    void end(Examples.Report report) {
        screen.print("  examples   %d scripts: %s; see %s"
                .formatted(
                        report.progress().size(),
                        Arrays.stream(Progress.values())
                                .filter(report.progress()::containsValue)
                                .map(progress -> words(report, progress))
                                .collect(Collectors.joining(", ")),
                        SandboxScreen.shown(report.folder())));
        List<Verdict> verdicts = report.verdicts();
        screen.print("%sfaulty runs found: %d, missed: %d; sound runs accused: %d; not trained to their end: %d"
                .formatted(
                        SUMMARY,
                        count(verdicts, Judgement.FOUND),
                        count(verdicts, Judgement.MISSED),
                        count(verdicts, Judgement.ACCUSED),
                        count(verdicts, Judgement.OPEN)));
        verdicts.forEach(verdict -> screen.print("%s%-8s %-20s %s"
                .formatted(
                        SUMMARY,
                        verdict.judgement().name().toLowerCase(Locale.ROOT),
                        verdict.run().name(),
                        reason(verdict))
                .stripTrailing()));
    }

    private static String words(Examples.Report report, Progress progress) {
        String what = switch (progress) {
            case WAITING -> "not started";
            case TRAINING -> "training";
            case COMPLETED -> "completed";
            case FAILED -> "failed";
            case CUT_OFF -> "cut off";
        };
        return Collections.frequency(report.progress().values(), progress) + " " + what;
    }

    private static long count(List<Verdict> verdicts, Judgement judgement) {
        return verdicts.stream()
                .filter(verdict -> verdict.judgement() == judgement)
                .count();
    }

    private static String reason(Verdict verdict) {
        String due = verdict.run().isSound()
                ? "no warning"
                : String.join(" or ", verdict.run().detectors());
        return switch (verdict.judgement()) {
            case FOUND, ACCUSED -> String.join(", ", verdict.detectors());
            case MISSED, OPEN -> "expected " + due;
            case QUIET -> due;
        };
    }
}
