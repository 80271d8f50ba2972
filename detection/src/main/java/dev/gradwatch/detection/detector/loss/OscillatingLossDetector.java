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
import dev.gradwatch.detection.state.EpochCurve;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.ValidationCurve;
import dev.gradwatch.detection.statistics.Persistence;
import dev.gradwatch.detection.statistics.Ring;
import dev.gradwatch.detection.statistics.TheilSen;

/**
 * The epochs' training loss swings up and down and gets nowhere.
 *
 * <p>Rule, over the newest third to all of the epochs (8 to 32): around the straight line through them (Theil-Sen) the robust deviation is
 * more than 10 % of the level, a level below a tenth of the start counting as that; four of ten turns change direction; the last three stand at
 * 1.2 x the best or more; and the line does not fall further than the swings go. Held while the epochs grow by a fifth. The validation loss by 15 % in the same
 * manner is a note.
 *
 * <p>Source: label rule (swings up and down at least six times without progress), limits measured on runs with a known fault. A falling trend
 * under the swings is batch noise, and no fault. Known false alarms: adversarial losses, see profiles.
 */
public final class OscillatingLossDetector implements Detector {

    public static final String ID = "oscillating-loss";

    private static final Parameter SWING = new Parameter(
            "swing", 0.1, 0.01, 10, "share of the level", "Deviation around the trend that counts as swinging.");
    private static final Parameter VALIDATION_SWING = new Parameter(
            "validation-swing", 0.15, 0.01, 10, "share of the level", "The same of the validation loss, for a note.");
    private static final Parameter TURNS =
            new Parameter("turns", 0.4, 0.1, 1, "share of the epochs", "How often the direction must change.");
    private static final Parameter ABOVE_BEST = new Parameter(
            "above-best", 1.2, 1, 10, "x the best", "The last three epochs must stand this far above the best one.");
    private static final Parameter LEAST_EPOCHS =
            new Parameter("least-epochs", 8, 6, 32, "epochs", "Epochs before swings can be told.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Oscillating loss")
            .summary("The training loss swings up and down from epoch to epoch without getting lower.")
            .severities(Severity.INFO, Severity.WARNING)
            .onTrend()
            .about(Subject.LEARNING, SymptomTrait.NOISY_STEPS)
            .suggests(CauseCode.LEARNING_RATE_TOO_HIGH, 0.5)
            .suggests(CauseCode.BATCH_TOO_SMALL, 0.25)
            .suggests(CauseCode.UNSTABLE_GRADIENTS, 0.1)
            .helpedBy(HelpfulEvidence.LAYER_NORMS, HelpfulEvidence.UPDATE_NORMS, HelpfulEvidence.LEARNING_RATE)
            .parameters(SWING, VALIDATION_SWING, TURNS, ABOVE_BEST, LEAST_EPOCHS)
            .affecting(FaultEffect.of(FaultEffect.Kind.MAY_PASS))
            .build();

    private static final Persistence HOLD = new Persistence(0.2, 3);

    /** Where each persistence has its slots in the memory. */
    private static final int TRAIN_AT = 0;

    private static final int VALIDATION_AT = TRAIN_AT + Persistence.SLOTS;

    /** Epochs of the window at most: what the ring of epochs holds. */
    private static final int LONGEST = 32;

    /** The window is one of so many parts of the run. Set by eye on recorded runs. */
    private static final int SHARE_OF_RUN = 3;

    /**
     * Share of the first loss. Swings around a lower level are swings around nearly nothing. Set by eye on recorded
     * runs.
     */
    private static final double LEAST_LEVEL = 0.1;

    /** Share of the first loss. A best value below it counts as this. Set by eye on recorded runs. */
    private static final double LEAST_BEST = 0.03;

    /** Spreads that the trend must have fallen over the window to be progress: two are certain. */
    private static final double PROGRESS = 2;

    /** Share of the half window before: a mean below it has fallen. Set by eye on recorded runs. */
    private static final double STILL = 0.9;

    /**
     * Update ratio above which swings come from too large steps: usual ones are 1e-3. Set by eye on recorded runs.
     */
    private static final double LARGE_UPDATE = 0.05;

    private final double swing;
    private final double validationSwing;
    private final double turns;
    private final double aboveBest;
    private final int leastEpochs;
    private final TheilSen line = new TheilSen(LONGEST);
    private final double[] window = new double[LONGEST];

    public OscillatingLossDetector(DetectorSettings settings) {
        swing = settings.get(ID, SWING);
        validationSwing = settings.get(ID, VALIDATION_SWING);
        turns = settings.get(ID, TURNS);
        aboveBest = settings.get(ID, ABOVE_BEST);
        leastEpochs = (int) settings.get(ID, LEAST_EPOCHS);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 2 * Persistence.SLOTS;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        EpochCurve epochs = run.epochs();
        if (now.epochLossArrived()
                && epochs.count() >= leastEpochs
                && !run.learningRate().rising()) {
            boolean swings = swings(
                    epochs.trainLoss(), epochs.count(), swing, epochs.firstTrainLoss(), epochs.lowestTrainLoss());
            if (!HOLD.update(memory, TRAIN_AT, swings, false, epochs.count())) {
                reporter.clears();
            } else if (isBacked(run) ? reporter.fires(Severity.WARNING) : reporter.notes()) {
                report("training", epochs.trainLoss(), epochs.lowestTrainLoss(), reporter);
            }
        }
        ValidationCurve validation = run.validation();
        if (now.validationLossArrived() && validation.evaluations() >= leastEpochs && !reporter.isPaging(ID)) {
            long n = validation.evaluations();
            boolean swings = swings(validation.recent(), n, validationSwing, validation.first(), validation.best());
            if (HOLD.update(memory, VALIDATION_AT, swings, false, n) && reporter.notes()) {
                report("validation", validation.recent(), validation.best(), reporter);
            }
        }
    }

    /** Noise swings too. It is a fault when the validation loss swings with it, or when the updates are as large as to cause it. */
    private boolean isBacked(RunState run) {
        ValidationCurve validation = run.validation();
        return run.layers().largestUpdateRatio() > LARGE_UPDATE
                || swings(validation.recent(), validation.evaluations(), swing, validation.first(), validation.best());
    }

    private boolean swings(Ring values, long count, double share, double first, double best) {
        int n = values.copyLast((int) Math.min(LONGEST, Math.max(leastEpochs, count / SHARE_OF_RUN)), window);
        if (n < leastEpochs || !(best > 0)) {
            return false;
        }
        line.fit(window, n);
        double level = Math.max(line.at((n - 1) / 2.0), LEAST_LEVEL * first);
        boolean progress = -line.slope() * (n - 1) > PROGRESS * line.spread() || hasFallen(values);
        return line.spread() > share * level
                && turned(n) >= turns * (n - 2)
                && values.meanOfLast(3) > aboveBest * Math.max(best, LEAST_BEST * first)
                && !progress;
    }

    /** Whether the newer half of what is remembered is lower than the older one. */
    private static boolean hasFallen(Ring values) {
        int half = (values.size() - 1) / 2;
        return values.meanOfLast(half) < STILL * values.meanBefore(half, half);
    }

    private int turned(int n) {
        int turned = 0;
        for (int i = 2; i < n; i++) {
            turned += (window[i] > window[i - 1]) != (window[i - 1] > window[i - 2]) ? 1 : 0;
        }
        return turned;
    }

    private void report(String what, Ring values, double best, FindingReporter reporter) {
        reporter.report(AlertMessage.of("The " + what + " loss swings by about "
                        + NumberText.percent(line.spread() / values.medianOfLast(leastEpochs))
                        + " around " + NumberText.number(values.medianOfLast(leastEpochs))
                        + " from epoch to epoch and gets nowhere; its best was " + NumberText.number(best) + ".")
                .with("observed", line.spread(), "loss")
                .with("threshold", swing * values.medianOfLast(leastEpochs), "loss")
                .with("window", Math.min(LONGEST, values.size()), "epochs")
                .with("best", best, "loss"));
    }
}
