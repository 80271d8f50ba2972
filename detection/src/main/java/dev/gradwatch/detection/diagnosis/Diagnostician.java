package dev.gradwatch.detection.diagnosis;

import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.ProbableCause;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.HelpfulEvidence;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SuggestedCause;
import dev.gradwatch.detection.state.OpenAlert;
import dev.gradwatch.detection.state.RunState;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Names the probable causes of an alert from all that is known of the run: what its symptom and the others point to, weighed by
 * clues from settings, losses, gradients and validation. Every clue says in words what speaks for or against a cause. Runs only when an alert has something to
 * say. Stateless.
 */
public final class Diagnostician {

    /** Share of the start loss that must be gained before a checkpoint is worth anything. */
    private static final double WORTH_KEEPING = 0.05;

    /** Share of the start loss. A run that gained it has something to go on from. Set by eye on recorded runs. */
    private static final double CLEARLY_LEARNED = 0.3;

    /** A fault within these steps leaves nothing to go back to. */
    private static final int FIRST_STEPS = 20;

    private static final String NOTHING_LEARNED = "; nothing was learned, no checkpoint is worth keeping";

    private final Map<String, CatalogueEntry> entries;
    private final DiagnosisWeights weights;

    /** Diagnoses the alerts of the given detectors. */
    public Diagnostician(List<CatalogueEntry> entries, DiagnosisWeights weights) {
        this.weights = weights;
        this.entries = entries.stream().collect(Collectors.toMap(CatalogueEntry::id, Function.identity()));
    }

    /** Ranks causes for an alert of a detector, whose fault also showed in {@code symptoms}. */
    public List<ProbableCause> diagnose(RunState run, String detector, List<String> symptoms) {
        CatalogueEntry entry = entries.get(detector);
        CauseScores scores = new CauseScores(weights);
        suggest(entry, run, scores, 1);
        if (entry.about() == Subject.MACHINE) {
            return scores.ranked("");
        }
        for (String symptom : symptoms) {
            suggest(entries.get(symptom), run, scores, weights.symptomShare());
        }
        for (OpenAlert other : run.alerts().open()) {
            CatalogueEntry suggesting = entries.get(other.last().detector());
            if (suggesting != null
                    && !suggesting.id().equals(detector)
                    && suggesting.about() != Subject.MACHINE
                    && !symptoms.contains(suggesting.id())) {
                suggest(suggesting, run, scores, weights.openAlertShare());
            }
        }
        DiagnosisContext context = new DiagnosisContext(run, entry);
        SettingsEvidence.weigh(context, scores);
        ValidationEvidence.weigh(context, scores);
        if (entry.about().isAboutTraining()) {
            // Losses last: what the first loss says may outweigh what came of it.
            GradientEvidence.weigh(context, scores);
            LossEvidence.weigh(context, scores);
        }
        return scores.ranked(advice(run, entry));
    }

    /** An alert that an earlier version opened may be of a detector that is no longer there: it suggests nothing. */
    private void suggest(CatalogueEntry entry, RunState run, CauseScores scores, double share) {
        if (entry == null) {
            return;
        }
        for (SuggestedCause suggested : entry.causes()) {
            if (suggested.when().test(run)) {
                scores.suggest(suggested.cause(), weights.of(entry, suggested) * share);
            }
        }
    }

    /** Fields that would sharpen the diagnosis of a detector's alert, and what for. */
    public List<String> missing(RunState run, String detector) {
        return entries.get(detector).helpfulEvidence().stream()
                .filter(evidence -> evidence.isMissing(run))
                .map(HelpfulEvidence::text)
                .toList();
    }

    /**
     * The last step to go back to, that of the lowest loss where the loss rose since, or {@code null}: nothing is worth going back to in a
     * run that has learned nothing.
     */
    public Long lastHealthyStep(RunState run, String detector) {
        return lastHealthyStep(run, entries.get(detector));
    }

    private static Long lastHealthyStep(RunState run, CatalogueEntry entry) {
        return run.learned() < WORTH_KEEPING ? null : entry.lastStepBeforeFault(run);
    }

    private static String advice(RunState run, CatalogueEntry entry) {
        return switch (entry.damage(run)) {
            case NONE_KNOWN -> "";
            case KEPT -> keepsOn(run);
            case LOST -> restart(run, entry);
        };
    }

    /** Where the run stands, not the best of many noisy levels. */
    private static String keepsOn(RunState run) {
        double gained =
                (run.loss().start() - run.loss().level()) / Math.abs(run.loss().start());
        return !(gained >= CLEARLY_LEARNED) ? NOTHING_LEARNED : "; nothing was damaged, training can go on from here";
    }

    private static String restart(RunState run, CatalogueEntry entry) {
        Long step = lastHealthyStep(run, entry);
        if (step != null && run.progress().stepsSinceStart(step) < FIRST_STEPS) {
            return "; start again, there is nothing to go back to";
        }
        if (step != null) {
            return "; restart from a checkpoint before step " + step;
        }
        if (run.loss().size() > 0 && run.learned() < WORTH_KEEPING) {
            boolean resumed = run.registration() != null && run.registration().resumed();
            return resumed
                    ? "; this attempt has learned nothing: go back to the checkpoint that it began from"
                    : NOTHING_LEARNED;
        }
        return Double.isNaN(run.validation().bestEpoch())
                ? ""
                : "; the best epoch was " + NumberText.number(run.validation().bestEpoch());
    }
}
