package dev.gradwatch.detection.diagnosis;

import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.RunState;

/**
 * The run under diagnosis and the symptom that is asked about, with what several clues want to know of both.
 *
 * @param entry the detector whose alert is diagnosed
 */
record DiagnosisContext(RunState run, CatalogueEntry entry) {

    /** Points in a whole. */
    private static final double PERCENT = 100;

    /** Whether the symptom that is diagnosed has one of the traits. */
    boolean has(SymptomTrait... traits) {
        for (SymptomTrait trait : traits) {
            if (entry.has(trait)) {
                return true;
            }
        }
        return false;
    }

    /** The registration, or {@code null}. */
    RunStarted registration() {
        return run.registration();
    }

    /** Whether the run began from weights that had learned before. */
    boolean isFromElsewhere() {
        return registration() != null
                && (registration().resumed() || registration().pretrained());
    }

    /** Samples in an epoch; NaN when unknown. */
    double samples() {
        return registration() == null
                        || registration().stepsPerEpoch() == null
                        || registration().batchSize() == null
                ? Double.NaN
                : (double) registration().stepsPerEpoch() * registration().batchSize();
    }

    /** How many points the best validation accuracy is above a uniform guess; NaN when unknown. */
    double pointsAboveGuessing() {
        double best = run.validation().bestAccuracy();
        return registration() == null || registration().classes() == null || Double.isNaN(best)
                ? Double.NaN
                : PERCENT * (run.epochs().share(best) - 1.0 / registration().classes());
    }
}
