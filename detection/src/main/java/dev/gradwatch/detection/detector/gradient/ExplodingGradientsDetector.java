package dev.gradwatch.detection.detector.gradient;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Severity;
import dev.gradwatch.detection.detector.AlertMessage;
import dev.gradwatch.detection.detector.CatalogueEntry;
import dev.gradwatch.detection.detector.Detector;
import dev.gradwatch.detection.detector.DetectorSettings;
import dev.gradwatch.detection.detector.FaultEffect;
import dev.gradwatch.detection.detector.FindingReporter;
import dev.gradwatch.detection.detector.HelpfulEvidence;
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.RequiredField;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.detector.loss.LossSpikeDetector;
import dev.gradwatch.detection.state.NormCurve;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;

/**
 * Bursts of the global gradient norm.
 *
 * <p>Rule: a burst is a norm above 10 x the median of the 21 before it and above 3 x the median of the first ten: norms differ by orders of
 * magnitude between good runs, so only the run itself can say what is large. One burst is a note. A warning needs two within 128 steps (or
 * half of the run) or one of 100 x before nine tenths of the loss are gained, or one of 100 x within ten steps of a loss spike.
 *
 * <p>Source: label rule and limits measured on recorded runs; fixed limits (SageMaker, DEFault) accuse healthy runs as often as sick ones.
 * Known false alarms: norms logged after clipping hide bursts rather than make them; batches of four samples burst by nature.
 */
public final class ExplodingGradientsDetector implements Detector {

    public static final String ID = "exploding-gradients";

    private static final Parameter BURST = new Parameter(
            "burst", 10, 2, 1e6, "x the median norm", "A norm this far above the recent ones is a burst.");
    private static final Parameter EARLY = new Parameter(
            "early", 3, 1, 1e6, "x the first norms", "A burst also stands this far above the norms at the start.");
    private static final Parameter HUGE =
            new Parameter("huge", 100, 2, 1e9, "x the median norm", "A single burst of this size is worth a warning.");
    private static final Parameter WINDOW = new Parameter(
            "window", 128, 2, 1e6, "steps", "Two bursts within this many steps, or half of the run, are a warning.");
    private static final Parameter KNOWN =
            new Parameter("known", 5, 2, 21, "steps", "Norms that must be known before a burst can be told.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Exploding gradients")
            .summary(
                    "The global gradient norm bursts far above its recent level, repeatedly, hugely or together with the loss.")
            .severities(Severity.INFO, Severity.WARNING)
            .about(
                    Subject.WEIGHTS,
                    SymptomTrait.GRADIENT_JUMP,
                    SymptomTrait.SUDDEN,
                    SymptomTrait.NOISY_STEPS,
                    SymptomTrait.GRADIENT_SCALE)
            .suggests(CauseCode.UNSTABLE_GRADIENTS, 0.4)
            .suggests(CauseCode.LEARNING_RATE_TOO_HIGH, 0.3)
            .suggests(CauseCode.CORRUPT_BATCH, 0.15)
            .helpedBy(HelpfulEvidence.LAYER_NORMS, HelpfulEvidence.UPDATE_NORMS, HelpfulEvidence.LEARNING_RATE)
            .needs(RequiredField.GRADIENT_NORM)
            .diagnosedOnce()
            .parameters(BURST, EARLY, HUGE, WINDOW, KNOWN)
            .affecting(FaultEffect.of(FaultEffect.Kind.MAY_PASS))
            .build();

    /** Counts of norms at which the last burst, the one before it and the last huge one were seen; 0: none. */
    private static final int LAST = 0;

    private static final int PREVIOUS = 1;
    private static final int LAST_HUGE = 2;
    private static final int SIZE = 3;
    private static final int NORM = 4;

    /**
     * Steps between a burst and a loss spike that count as one event. Ten is the window of recent losses; set by eye
     * on recorded runs.
     */
    private static final int NEAR_LOSS_SPIKE = 10;

    /** Neighbours are one burst. */
    private static final int ONE_BURST = 1;

    /** At the end of a run that has learned nearly all, norms are small and so is what multiples of them do. */
    private static final double LEARNED = 0.9;

    private final double burst;
    private final double early;
    private final double huge;
    private final double window;
    private final double known;

    public ExplodingGradientsDetector(DetectorSettings settings) {
        burst = settings.get(ID, BURST);
        early = settings.get(ID, EARLY);
        huge = settings.get(ID, HUGE);
        window = settings.get(ID, WINDOW);
        known = settings.get(ID, KNOWN);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 5;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (!now.normArrived()) {
            return;
        }
        NormCurve norm = run.norm();
        long n = norm.count();
        double baseline = norm.baseline();
        if (norm.baselineSize() >= known
                && baseline > 0
                && now.norm() > burst * baseline
                && now.norm() > early * norm.early()) {
            if (n - memory[LAST] > ONE_BURST) {
                memory[PREVIOUS] = memory[LAST];
            }
            memory[LAST] = n;
            memory[SIZE] = now.norm() / baseline;
            memory[NORM] = now.norm();
            if (memory[SIZE] > huge) {
                memory[LAST_HUGE] = n;
            }
        }
        double span = Math.max(window, n / 2.0);
        boolean twice = isWithin(memory[PREVIOUS], n, window) && run.loss().improvement() < LEARNED;
        boolean once = isWithin(memory[LAST], n, span);
        boolean hugely = isWithin(memory[LAST_HUGE], n, span) && run.loss().improvement() < LEARNED;
        boolean withTheLoss =
                isWithin(memory[LAST_HUGE], n, NEAR_LOSS_SPIKE) && reporter.isPaging(LossSpikeDetector.ID);
        boolean handled = run.registration() != null && run.registration().clipThreshold() != null;
        if ((twice || hugely || withTheLoss) && (!handled || withTheLoss)) {
            if (reporter.fires(Severity.WARNING)) {
                reporter.report(message(memory, twice ? "again, " : "", span));
            }
        } else if (once || twice || hugely) {
            if (reporter.notes()) {
                reporter.report(message(memory, "once, ", span));
            }
        } else {
            reporter.clears();
        }
    }

    /** In the burst's own numbers, which may lie some steps back. */
    private AlertMessage message(double[] memory, String often, double span) {
        return AlertMessage.of("The gradient norm burst " + often + "to " + NumberText.number(memory[NORM]) + ", "
                        + NumberText.number(memory[SIZE]) + " x the median of the steps before.")
                .with("observed", memory[NORM], "gradient norm")
                .with("threshold", burst * (memory[NORM] / memory[SIZE]), "gradient norm")
                .with("window", span, "steps")
                .with("ratio", memory[SIZE], null);
    }

    private static boolean isWithin(double at, long n, double span) {
        return at > 0 && n - at < span;
    }
}
