package dev.gradwatch.detection.diagnosis;

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
            return scores.ranked();
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
        return scores.ranked();
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
}
