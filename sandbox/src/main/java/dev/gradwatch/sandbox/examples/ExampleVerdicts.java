package dev.gradwatch.sandbox.examples;

import dev.gradwatch.detection.detector.run.SilentRunDetector;
import dev.gradwatch.detection.detector.run.SlowStepsDetector;
import dev.gradwatch.sandbox.examples.ExampleProcesses.Progress;
import dev.gradwatch.schemas.Alert;
import dev.gradwatch.schemas.Severity;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Holds what was said about the examples' runs against what must be said. Thread-safe. */
public final class ExampleVerdicts {

    /** What these say depends on who else computes here. */
    private static final Set<String> OF_THE_MACHINE = Set.of(SlowStepsDetector.ID, SilentRunDetector.ID);

    private final Map<ExpectedRun, Said> said = new HashMap<>();

    /** How a run was judged. */
    public enum Judgement {
        /** Faulty, and what must be said was said. */
        FOUND,
        /** Faulty, trained to its end, and it was not said. */
        MISSED,
        /** Sound, trained to its end, and nothing was said that is more than a note. */
        QUIET,
        /** Sound, and more than a note was said. */
        ACCUSED,
        /** Not trained to its end. */
        OPEN
    }

    /**
     * What is to be thought of one run.
     *
     * @param detectors that spoke up: those that must, or those that accuse
     */
    public record Verdict(ExpectedRun run, Judgement judgement, List<String> detectors) {}

    private record Said(Set<String> all, Set<String> loud) {
        Said() {
            this(new TreeSet<>(), new TreeSet<>());
        }
    }

    public ExampleVerdicts(List<Example> examples) {
        examples.stream().flatMap(example -> example.runs().stream()).forEach(run -> said.put(run, new Said()));
    }

    /** Takes any alert; those about other runs are none of our business. */
    public synchronized void add(Alert alert) {
        if (OF_THE_MACHINE.contains(alert.getDetector())) {
            return;
        }
        said.forEach((run, about) -> {
            if (run.hasId(alert.getRunId())) {
                about.all().add(alert.getDetector());
                // What stands behind a graver alert was said, too.
                about.all().addAll(alert.getSymptoms());
                if (alert.getSeverity() != Severity.INFO) {
                    about.loud().add(alert.getDetector());
                }
            }
        });
    }

    /** One verdict for each run, in the order of the examples. */
    public synchronized List<Verdict> verdicts(Map<Example, Progress> examples) {
        List<Verdict> verdicts = new ArrayList<>();
        examples.forEach((example, progress) ->
                example.runs().forEach(run -> verdicts.add(verdict(run, progress == Progress.COMPLETED))));
        return verdicts;
    }

    private Verdict verdict(ExpectedRun run, boolean completed) {
        Said about = said.get(run);
        if (run.isSound()) {
            Judgement atBest = completed ? Judgement.QUIET : Judgement.OPEN;
            return new Verdict(run, about.loud().isEmpty() ? atBest : Judgement.ACCUSED, List.copyOf(about.loud()));
        }
        List<String> due =
                run.detectors().stream().filter(about.all()::contains).toList();
        Judgement atWorst = completed ? Judgement.MISSED : Judgement.OPEN;
        return new Verdict(run, due.isEmpty() ? atWorst : Judgement.FOUND, due);
    }
}
