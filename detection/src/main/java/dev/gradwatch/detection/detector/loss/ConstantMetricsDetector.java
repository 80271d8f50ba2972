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
import dev.gradwatch.detection.state.Metric;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RepeatCounter;
import dev.gradwatch.detection.state.RunState;

/**
 * A loss or an accuracy that stands still to the last digit.
 *
 * <p>Rule: bit-identical in 8 records and half of the metric's records. Not at its perfect value: an accuracy of 98 % or more, a loss that
 * moved before and is under a fifth of its first value. An accuracy counts only while the training loss stands too (it has not fallen
 * by 3 % since) and before the run has settled (70 % improved, or annealed), because a coarse accuracy may well stand while a model learns and once it has
 * learned. Source: measured on recorded runs.
 *
 * <p>Known false alarms: a metric that the log repeats between evaluations.
 */
public final class ConstantMetricsDetector implements Detector {

    public static final String ID = "constant-metrics";

    private static final Parameter RECORDS =
            new Parameter("records", 8, 3, 10_000, "records", "Identical records in a row before it fires.");
    private static final Parameter SHARE = new Parameter(
            "share", 0.5, 0, 1, "share of the metric's records", "The identical stretch must be this much of the run.");
    private static final Parameter LOSS_FALL = new Parameter(
            "loss-fall",
            0.03,
            0,
            1,
            "share of the loss",
            "An accuracy that stands is no fault while the training loss has fallen by more than this.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Constant metrics")
            .summary(
                    "A loss or an accuracy is identical to the last digit for many records, and not at its perfect value.")
            .severities(Severity.WARNING)
            .about(
                    Subject.LEARNING,
                    SymptomTrait.LITTLE_PROGRESS,
                    SymptomTrait.CONSTANT_METRIC,
                    SymptomTrait.OUTPUT_MISMATCH_POSSIBLE)
            .suggests(CauseCode.OPTIMIZER_NOT_STEPPING, 0.35)
            .suggests(CauseCode.DYING_RELU, 0.25)
            .suggests(CauseCode.UNSCALED_INPUTS, 0.15)
            .suggests(CauseCode.CLASS_IMBALANCE, 0.1)
            .helpedBy(
                    HelpfulEvidence.LAYER_NORMS,
                    HelpfulEvidence.UPDATE_NORMS,
                    HelpfulEvidence.LEARNING_RATE,
                    HelpfulEvidence.LOSS_AND_CLASSES)
            .parameters(RECORDS, SHARE, LOSS_FALL)
            .affecting(FaultEffect.of(FaultEffect.Kind.DAMAGES_WEIGHTS).stoppingToLearn())
            .build();

    /**
     * Share of the start loss that is gained. Above it a coarse accuracy may stand because the run has learned. Set
     * by eye on recorded runs.
     */
    private static final double LEARNED = 0.7;

    /** Share of the peak learning rate. Below it a schedule has ended the run's movement on purpose. */
    private static final double ANNEALED = 0.1;

    /** Accuracy as a share. From here on standing is success. Measured on recorded runs. */
    private static final double PERFECT_ACCURACY = 0.98;

    /** Identical losses in a row, in records, that no live network gives: the last digit of two in a row may be equal by chance. */
    private static final int SUSPICIOUS = 3;

    /**
     * Share of the first value. A loss that moved before and stands below it has come to its end. Measured on
     * recorded runs.
     */
    private static final double SMALL_LOSS = 0.2;

    private final double records;
    private final double share;
    private final double lossFall;

    public ConstantMetricsDetector(DetectorSettings settings) {
        records = settings.get(ID, RECORDS);
        share = settings.get(ID, SHARE);
        lossFall = settings.get(ID, LOSS_FALL);
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
        if (!now.isTraining()) {
            return;
        }
        if (mayStand(run.repeats(Metric.STEP_LOSS)) || mayStand(run.repeats(Metric.TRAIN_LOSS))) {
            reporter.suspects();
        }
        for (Metric metric : METRICS) {
            RepeatCounter repeats = run.repeats(metric);
            if (stands(run, metric, repeats)) {
                if (reporter.fires(Severity.WARNING)) {
                    reporter.report(AlertMessage.of("The " + metric.title() + " has been exactly "
                                    + NumberText.number(repeats.value()) + " in the last " + repeats.run()
                                    + " records: nothing that is learned reaches it.")
                            .with("observed", repeats.value(), metric.title())
                            .with("window", repeats.run(), "records"));
                }
                return;
            }
        }
        reporter.clears();
    }

    private static final Metric[] METRICS = Metric.values();

    private boolean stands(RunState run, Metric metric, RepeatCounter repeats) {
        if (repeats.run() < records || repeats.run() < share * repeats.count()) {
            return false;
        }
        if (metric.isAccuracy()) {
            double value = repeats.value();
            boolean perfect = run.isAccuracy(metric)
                    ? value >= 100 * PERFECT_ACCURACY || (value >= PERFECT_ACCURACY && value <= 1)
                    : value < 1 - PERFECT_ACCURACY;
            double before = repeats.trainLevelAtRun();
            boolean learns = before - run.loss().lowest() > lossFall * Math.abs(before);
            boolean settled =
                    run.loss().improvement() > LEARNED || run.learningRate().annealedBelow(ANNEALED);
            return !perfect && !learns && !settled;
        }
        return !isSolved(repeats);
    }

    private static boolean mayStand(RepeatCounter repeats) {
        return repeats.run() >= SUSPICIOUS && !isSolved(repeats);
    }

    /** A loss that moved before and is small now. */
    private static boolean isSolved(RepeatCounter repeats) {
        boolean moved = repeats.count() > repeats.run();
        return moved && Math.abs(repeats.value()) < SMALL_LOSS * Math.abs(repeats.first());
    }
}
