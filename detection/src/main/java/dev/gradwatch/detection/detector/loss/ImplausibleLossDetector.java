package dev.gradwatch.detection.detector.loss;

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
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.state.LossCurve;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.statistics.Ring;

/**
 * The loss takes values that a loss of its kind cannot take: labels, output and loss do not fit.
 *
 * <p>Rule, each over three records running: a registered cross-entropy is below zero; a loss that began above zero runs away below it, to ten times
 * its start while the training accuracy has not risen, or to a thousand times and ten thousand without one; the loss is exactly zero,
 * or, for a registered cross-entropy, under half of its bound, while the training accuracy says that many answers are wrong.
 *
 * <p>Source: a cross-entropy is never negative, and an answer that is wrong gives the right class less than half, so that it costs ln 2 or more: with an accuracy of a
 * the loss is at least (1 - a) ln 2. Known false alarms: a cross-entropy whose samples are weighted by almost nothing. Losses that are negative by
 * nature (likelihoods, R squared, cosines) stay far within the limits.
 */
public final class ImplausibleLossDetector implements Detector {

    public static final String ID = "implausible-loss";

    private static final Parameter RECORDS =
            new Parameter("records", 3, 2, 1000, "records", "Records in a row that must be implausible.");
    private static final Parameter BELOW = new Parameter(
            "below",
            10,
            1,
            1e6,
            "x the start",
            "How far below zero a loss has run away while the training accuracy has not risen.");
    private static final Parameter BOUND = new Parameter(
            "bound",
            0.5,
            0,
            1,
            "x the bound",
            "A cross-entropy under this share of its bound does not fit its accuracy.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Implausible loss")
            .summary(
                    "The loss is below what its kind can be, or zero while most answers are wrong: labels, output and loss do not fit.")
            .severities(Severity.WARNING)
            .onTrend()
            .about(Subject.LEARNING, SymptomTrait.OUTPUT_MISMATCH_POSSIBLE)
            .suggests(CauseCode.WRONG_LOSS_OR_OUTPUT_ACTIVATION, 0.8)
            .helpedBy(HelpfulEvidence.LOSS_AND_CLASSES)
            .parameters(RECORDS, BELOW, BOUND)
            .affecting(FaultEffect.of(FaultEffect.Kind.WRONG_FROM_THE_START))
            .build();

    /** Records in a row of each kind. */
    private static final int NEGATIVE = 0;

    private static final int FREE = 1;
    private static final int FITTED = 2;

    /** Without an accuracy to compare with: no likelihood of a sample gets that far, in units of the start and of its own. */
    private static final double FAR_BELOW = 1000;

    private static final double FAR_BELOW_ZERO = -10_000;

    /** Rounding of a loss that is zero. */
    private static final double ROUNDING = 1e-6;

    /** A training accuracy that gained less has not risen. */
    private static final double RISEN = 0.05;

    /** Above this accuracy a loss of zero is what was wanted; an accuracy of exactly 0 is one of a regression and means nothing. */
    private static final double GOOD = 0.9;

    private final double records;
    private final double below;
    private final double bound;

    public ImplausibleLossDetector(DetectorSettings settings) {
        records = settings.get(ID, RECORDS);
        below = settings.get(ID, BELOW);
        bound = settings.get(ID, BOUND);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 3;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (!now.trainLossArrived()) {
            return;
        }
        double loss = now.trainLoss();
        boolean crossEntropy = run.registration() != null && run.registration().isCrossEntropy();
        count(memory, NEGATIVE, crossEntropy && loss < -ROUNDING);
        count(memory, FREE, runsAway(run, loss));
        // Steps have no accuracy of their own.
        count(memory, FITTED, !run.loss().ofSteps() && isBelowItsBound(run, loss, crossEntropy));
        if (memory[NEGATIVE] >= records) {
            report(
                    reporter,
                    loss,
                    0,
                    "The loss is " + NumberText.number(loss) + ": a cross-entropy is never below zero.");
        } else if (memory[FREE] >= records) {
            report(
                    reporter,
                    loss,
                    -below * run.loss().start(),
                    "The loss runs away below zero: it began at "
                            + NumberText.number(run.loss().start()) + " and is " + NumberText.number(loss)
                            + ". It has no floor to reach.");
        } else if (memory[FITTED] >= records) {
            double accuracy = run.epochs().trainAccuracyLevel();
            report(
                    reporter,
                    loss,
                    lowestLoss(accuracy),
                    "The loss is " + NumberText.number(loss) + " while the training accuracy is "
                            + NumberText.percent(accuracy) + ": wrong answers must cost something.");
        } else if (memory[NEGATIVE] + memory[FREE] + memory[FITTED] == 0) {
            reporter.clears();
        }
    }

    private static void count(double[] memory, int slot, boolean seen) {
        memory[slot] = seen ? memory[slot] + 1 : 0;
    }

    private boolean runsAway(RunState run, double loss) {
        LossCurve curve = run.loss();
        double start = curve.start();
        Ring recent = curve.recent();
        boolean falls = recent.size() > 1 && loss < recent.ago(1);
        if (!(start > 0) || !falls) {
            return false;
        }
        double accuracy = run.epochs().trainAccuracyLevel();
        boolean hasNotRisen = accuracy - run.epochs().firstTrainAccuracy() < RISEN;
        return (hasNotRisen && loss < -below * start) || (loss < FAR_BELOW_ZERO && loss < -FAR_BELOW * start);
    }

    private boolean isBelowItsBound(RunState run, double loss, boolean crossEntropy) {
        double accuracy = run.epochs().trainAccuracyLevel();
        boolean wrong = accuracy > 0 && accuracy < GOOD;
        return wrong && loss >= 0 && (loss == 0 || (crossEntropy && loss < bound * lowestLoss(accuracy)));
    }

    private static double lowestLoss(double accuracy) {
        return (1 - accuracy) * Math.log(2);
    }

    private void report(FindingReporter reporter, double loss, double threshold, String text) {
        if (reporter.fires(Severity.WARNING)) {
            reporter.report(AlertMessage.of(text)
                    .with("observed", loss, "loss")
                    .with("threshold", threshold, "loss")
                    .with("window", records, "records"));
        }
    }
}
