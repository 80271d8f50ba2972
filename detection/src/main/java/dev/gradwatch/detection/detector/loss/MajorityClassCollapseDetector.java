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
import dev.gradwatch.detection.detector.Parameter;
import dev.gradwatch.detection.detector.RequiredField;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.EpochCurve;
import dev.gradwatch.detection.state.Metric;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.statistics.Entropy;
import dev.gradwatch.detection.statistics.Ring;

/**
 * A classifier that answers the most frequent class whatever it is shown.
 *
 * <p>Found without seeing a label: such a model's accuracy is the share of that class, whoever measures it and however often, and its
 * cross-entropy comes down to the entropy of that share and no further, because no knowledge of the inputs lowers it. Rule, over 5 to 8 epochs (30 % of the plan) and 100 optimizer
 * steps at least: the validation accuracy is identical to the digit and within 3 points of the training accuracy; the loss is no lower than 85 % of the
 * binary entropy of that accuracy, nor does it lead there; and either the training accuracy is identical, too, with a loss up to half above that entropy, on its way down; or it stays within half
 * a point over 8 epochs while the loss rests within a tenth of that entropy. From three classes on, the entropy may be any that fits the
 * accuracy. Needs the number of classes and a cross-entropy.
 *
 * <p>Source: the entropy bound of a constant predictor; limits measured on recorded runs. Known false alarms: classifiers that have learned and happen to pass
 * the entropy while their accuracy stands, on very small validation sets. Known misses: classes in equal shares.
 */
public final class MajorityClassCollapseDetector implements Detector {

    public static final String ID = "majority-class-collapse";

    private static final Parameter EPOCHS =
            new Parameter("epochs", 5, 3, 8, "epochs", "Epochs over which the accuracy must stand.");
    private static final Parameter STEPS =
            new Parameter("steps", 100, 1, 1e6, "steps", "Optimizer steps over which it must stand, where known.");
    private static final Parameter RANGE =
            new Parameter("range", 0.005, 0, 0.2, "accuracy", "How far the accuracy may move in them.");
    private static final Parameter NEAR = new Parameter(
            "near-entropy", 0.1, 0.01, 1, "share", "How near the loss must be to the entropy of that accuracy.");
    private static final Parameter ABOVE = new Parameter(
            "above-entropy", 0.5, 0.01, 5, "share", "How far above it where the accuracy is identical to the digit.");
    private static final Parameter APART =
            new Parameter("apart", 0.03, 0, 1, "accuracy", "How far training and validation accuracy may lie apart.");
    private static final Parameter LEAST = new Parameter(
            "least-share", 0.6, 0, 1, "accuracy", "Below this there is no class to collapse to, of two classes.");
    private static final Parameter MOST = new Parameter(
            "most-share", 0.985, 0, 1, "accuracy", "Above this the entropy is too small to tell it from learning.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Majority class collapse")
            .summary(
                    "The accuracy stands still and the loss is the entropy of that share: only the most frequent class is predicted.")
            .severities(Severity.WARNING)
            .about(Subject.DATA, SymptomTrait.ONE_CLASS)
            .suggests(CauseCode.CLASS_IMBALANCE, 0.6)
            .suggests(CauseCode.NOISY_OR_UNINFORMATIVE_DATA, 0.2)
            .needs(RequiredField.LOSS_AND_CLASSES, RequiredField.TRAIN_ACCURACY)
            .parameters(EPOCHS, STEPS, RANGE, NEAR, ABOVE, APART, LEAST, MOST)
            .affecting(FaultEffect.of(FaultEffect.Kind.HINDERS_LEARNING))
            .build();

    /** Of many classes the most frequent one is told from what was learned only when it has more than half. */
    private static final double HALF = 0.5;

    /**
     * Share of the entropy. A loss below it knows more than how frequent the class is. Set by eye on recorded runs.
     */
    private static final double LEAST_OF_ENTROPY = 0.85;

    /** Epochs after which a longer plan no longer asks for more patience. Set by eye on recorded runs. */
    private static final int LONG = 8;

    /** Epochs that an extrapolation from three losses with a distance of two needs. */
    private static final int AITKEN = 5;

    /** Epochs between the losses that are extrapolated, at most. Set by eye on recorded runs. */
    private static final int LONGEST_SPAN = 6;

    /** Share of the loss. A fall below it is none. Set by eye on recorded runs. */
    private static final double RESTS = 0.02;

    /**
     * Share of the planned epochs that a collapse may last: many sound classifiers begin with it. Set by eye on
     * recorded runs.
     */
    private static final double SHARE_OF_PLAN = 0.3;

    private final double epochs;
    private final double range;
    private final double steps;
    private final double near;
    private final double above;
    private final double apart;
    private final double least;
    private final double most;

    public MajorityClassCollapseDetector(DetectorSettings settings) {
        epochs = settings.get(ID, EPOCHS);
        range = settings.get(ID, RANGE);
        steps = settings.get(ID, STEPS);
        near = settings.get(ID, NEAR);
        above = settings.get(ID, ABOVE);
        apart = settings.get(ID, APART);
        least = settings.get(ID, LEAST);
        most = settings.get(ID, MOST);
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
        RunStarted registration = run.registration();
        if (!now.epochLossArrived() || registration == null || Double.isNaN(run.chanceLoss())) {
            return;
        }
        EpochCurve curve = run.epochs();
        int window = window(registration);
        double share = curve.share(curve.trainAccuracy().meanOfLast(window));
        if (curve.trainAccuracy().size() < window || curve.trainLoss().size() < Math.max(window, AITKEN)) {
            return;
        }
        double loss = curve.trainLoss().ago(0);
        double high = Entropy.atMost(share, registration.classes());
        boolean learns = leadsTo(curve.trainLoss()) < LEAST_OF_ENTROPY * Entropy.binary(share);
        boolean identical = curve.trainAccuracy().rangeOfLast(window) == 0 && validationStands(curve, share, window);
        boolean collapsed = isMajority(share, registration.classes())
                && loss > LEAST_OF_ENTROPY * Entropy.binary(share)
                && !learns
                && hasStoodLong(run, registration)
                && (identical ? loss < (1 + above) * high : restsAt(high, loss, curve, share));
        if (!collapsed) {
            // Where the loss seems to lead changes with its noise; a collapse is over when it has led somewhere.
            boolean still = isMajority(share, registration.classes())
                    && loss > LEAST_OF_ENTROPY * Entropy.binary(share)
                    && curve.share(curve.trainAccuracy().rangeOfLast(window)) < range;
            if (!still) {
                reporter.clears();
            }
        } else if (reporter.fires(Severity.WARNING)) {
            reporter.report(AlertMessage.of("The accuracy has stood at " + NumberText.percent(share) + " for " + window
                            + " epochs and the loss (" + NumberText.number(loss)
                            + ") is what always answering the most frequent class costs ("
                            + NumberText.number(Entropy.binary(share)) + ").")
                    .with("observed", loss, "loss")
                    .with("threshold", Entropy.binary(share), "loss")
                    .with("window", window, "epochs")
                    .with("accuracy", share, null));
        }
    }

    /**
     * Where the loss of the newest epochs leads if its falls go on shrinking as they do (Aitken's extrapolation): a collapsed classifier's comes down to the
     * entropy, a learning one's goes through it.
     */
    private static double leadsTo(Ring losses) {
        int span = Math.min(LONGEST_SPAN, (losses.size() - 1) / 2);
        double loss = losses.ago(0);
        double fell = losses.ago(span) - loss;
        double before = losses.ago(2 * span) - losses.ago(span);
        if (fell < RESTS * loss) {
            return loss;
        }
        return fell < before ? loss - fell * fell / (before - fell) : Double.NEGATIVE_INFINITY;
    }

    /** Many sound classifiers begin by answering the most frequent class: longer plans wait longer. */
    private int window(RunStarted registration) {
        double share = registration.plannedEpochs() == null ? 0 : SHARE_OF_PLAN * registration.plannedEpochs();
        return (int) Math.max(epochs, Math.min(LONG, share));
    }

    /** A share that classes in equal parts do not give. */
    private boolean isMajority(double share, int classes) {
        return share < most && share > (classes == 2 ? least : HALF);
    }

    /** A few epochs of a step or two each say nothing. */
    private boolean hasStoodLong(RunState run, RunStarted registration) {
        long stood = Math.max((long) epochs, run.repeats(Metric.TRAIN_ACCURACY).run());
        Long each = registration.stepsPerEpoch();
        long total = run.progress().stepsDone();
        double stepsEach = each != null
                ? each
                : total < 0 ? steps : (double) total / run.epochs().count();
        return stood * stepsEach >= steps;
    }

    private boolean validationStands(EpochCurve curve, double share, int window) {
        if (curve.validationAccuracy().isEmpty()) {
            return true;
        }
        double validation = curve.share(curve.validationAccuracy().ago(0));
        return curve.validationAccuracy().rangeOfLast(window) == 0 && Math.abs(validation - share) < apart;
    }

    /** Where the training accuracy moves a little, as over samples that are drawn anew in each epoch, the validation accuracy must not. */
    private boolean restsAt(double entropy, double loss, EpochCurve curve, double share) {
        if (curve.validationAccuracy().isEmpty() || curve.trainLoss().size() < LONG) {
            return false;
        }
        double fell = curve.trainLoss().ago(LONG - 1) - loss;
        return curve.share(curve.trainAccuracy().rangeOfLast(LONG)) < range
                && validationStands(curve, share, LONG)
                && Math.abs(loss - entropy) < near * entropy
                && fell < near * loss;
    }
}
