package dev.gradwatch.detection.detector.gradient;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.Recovery;
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
import dev.gradwatch.detection.state.NormCurve;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;

/**
 * The gradient is exactly zero.
 *
 * <p>Rule: a norm below 1e-12 in 5 steps in a row, or in 1 % of the steps and at least 3. Critical when in a row or in half of the steps. A
 * run whose loss has all but reached zero may have no gradient left: that is success, not a fault.
 *
 * <p>Source: AUTOTRAINER and DeepLocalize count zero gradients; the limits are measured on recorded runs. Known false alarms: gradient
 * accumulation that logs a norm for steps without an update.
 */
public final class ZeroGradientsDetector implements Detector {

    public static final String ID = "zero-gradients";

    private static final Parameter STEPS_IN_A_ROW =
            new Parameter("steps-in-a-row", 5, 2, 1000, "steps", "Zero norms in a row that are critical.");
    private static final Parameter LEAST_STEPS =
            new Parameter("least-steps", 3, 1, 1000, "steps", "Zero norms in all that are worth a warning.");
    private static final Parameter SHARE = new Parameter(
            "share", 0.01, 0, 1, "share of the steps", "The share of zero norms that is worth a warning.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Zero gradients")
            .summary("The global gradient norm is exactly zero in several steps in a row, or in a share of all steps.")
            .severities(Severity.WARNING, Severity.CRITICAL)
            .about(Subject.WEIGHTS, SymptomTrait.NO_GRADIENT)
            .suggests(CauseCode.UNSCALED_INPUTS, 0.4)
            .suggests(CauseCode.DYING_RELU, 0.3)
            .suggests(CauseCode.SATURATING_ACTIVATIONS, 0.1)
            .helpedBy(
                    HelpfulEvidence.LAYER_NORMS,
                    HelpfulEvidence.UPDATE_NORMS,
                    HelpfulEvidence.LEARNING_RATE,
                    HelpfulEvidence.LOSS_AND_CLASSES)
            .needs(RequiredField.GRADIENT_NORM)
            .mayRecommendStop()
            .parameters(STEPS_IN_A_ROW, LEAST_STEPS, SHARE)
            .affecting(FaultEffect.of(FaultEffect.Kind.DAMAGES_WEIGHTS)
                    .goingBackTo(run -> run.stepBeforeNorms(run.norm().zeroRun()), Recovery.Reason.LEARNED_BEFORE_FAULT)
                    .stoppingToLearn())
            .build();

    /**
     * Share of the start loss that is gained. Above it a run may have no gradient left because it has solved its
     * task. Set by eye on recorded runs.
     */
    private static final double SOLVED = 0.99;

    private final double stepsInARow;
    private final double leastSteps;
    private final double share;

    public ZeroGradientsDetector(DetectorSettings settings) {
        stepsInARow = settings.get(ID, STEPS_IN_A_ROW);
        leastSteps = settings.get(ID, LEAST_STEPS);
        share = settings.get(ID, SHARE);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 0;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (!now.normArrived()) {
            return;
        }
        NormCurve norm = run.norm();
        boolean inARow = norm.zeroRun() >= stepsInARow;
        boolean often = norm.zeros() >= leastSteps && norm.zeros() >= share * norm.count();
        boolean solved = run.loss().level() >= 0 && run.loss().improvement() > SOLVED;
        if (!solved && norm.zeroRun() > 0) {
            reporter.suspects();
        }
        if (solved || !(inARow || often)) {
            reporter.clears();
            return;
        }
        boolean always = inARow || norm.zeros() > 0.5 * norm.count();
        if (reporter.fires(always ? Severity.CRITICAL : Severity.WARNING)) {
            String seen = inARow
                    ? "The gradient was exactly zero in the last " + norm.zeroRun()
                            + " steps: the weights no longer change."
                    : "The gradient was exactly zero in " + norm.zeros() + " of " + norm.count() + " steps.";
            reporter.report(AlertMessage.of(seen)
                    .with("observed", norm.latest(), "gradient norm")
                    .with("threshold", NormCurve.ZERO, "gradient norm")
                    .with("window", norm.zeroRun(), "steps")
                    .with("zero-share", (double) norm.zeros() / norm.count(), null));
        }
    }
}
