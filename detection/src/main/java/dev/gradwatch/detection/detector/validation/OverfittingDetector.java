package dev.gradwatch.detection.detector.validation;

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
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.ValidationCurve;
import dev.gradwatch.detection.statistics.Persistence;
import dev.gradwatch.detection.statistics.Ring;

/**
 * The validation loss is past its best and rises while the training loss still falls.
 *
 * <p>Rule: the median of the last three validation losses is 1.08 x the best, by more than two standard deviations of its noise, at least
 * three evaluations and 15 % of all after the best; or 1.05 x by five deviations after 25 %, which is a note unless the validation accuracy has lost a point. The training loss has fallen by 2 % since the
 * best. Held while the evaluations grow by 8 %. Where the validation accuracy is 95 % or more and within two points of its best it is a note:
 * the model grows overconfident, not worse.
 *
 * <p>Source: limits measured on recorded runs; waiting a share of the evaluations instead of a fixed patience removes two of three false
 * alarms. Known misses: losses at or below zero.
 */
public final class OverfittingDetector implements Detector {

    public static final String ID = "overfitting";

    private static final Parameter RISE =
            new Parameter("rise", 1.08, 1.001, 10, "x the best", "A rise of the validation loss that is clear.");
    private static final Parameter WAIT_EVALUATIONS = new Parameter(
            "wait-evaluations", 3, 1, 1000, "evaluations", "Evaluations after the best before it is judged.");
    private static final Parameter WAIT_SHARE =
            new Parameter("wait-share", 0.15, 0, 1, "share of the evaluations", "And this share of all evaluations.");
    private static final Parameter SLOW_RISE =
            new Parameter("slow-rise", 1.05, 1.001, 10, "x the best", "A rise that counts when it is far above noise.");
    private static final Parameter SLOW_SHARE =
            new Parameter("slow-share", 0.25, 0, 1, "share of the evaluations", "The wait that such a rise needs.");
    private static final Parameter EFFECT = new Parameter(
            "effect",
            0.02,
            0,
            10,
            "share of the gain",
            "The rise must be this much of all that the validation loss had gained.");
    private static final Parameter GOOD_ACCURACY = new Parameter(
            "good-accuracy", 0.95, 0, 1, "accuracy", "At this validation accuracy, near its best, it is a note.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Overfitting")
            .summary("The validation loss has passed its best and rises while the training loss still falls.")
            .severities(Severity.INFO, Severity.WARNING)
            .onTrend()
            .about(
                    Subject.DATA,
                    SymptomTrait.PAST_BEST_VALIDATION,
                    SymptomTrait.RISING_VALIDATION,
                    SymptomTrait.VALIDATION_GAP_POSSIBLE)
            .suggests(CauseCode.OVERFITTING, 0.6)
            .suggests(CauseCode.INSUFFICIENT_DATA, 0.15)
            .suggests(CauseCode.MISSING_REGULARIZATION, 0.15)
            .helpedBy(HelpfulEvidence.VALIDATION_ACCURACY, HelpfulEvidence.DATA_SIZE)
            .needs(RequiredField.VALIDATION_LOSS)
            .parameters(RISE, WAIT_EVALUATIONS, WAIT_SHARE, SLOW_RISE, SLOW_SHARE, EFFECT, GOOD_ACCURACY)
            .affecting(FaultEffect.of(FaultEffect.Kind.SPOILS_GENERALIZATION))
            .build();

    private static final Persistence HOLD = new Persistence(0.08, 2);

    /** Deviations of validation noise that a clear rise stands out by. Measured on recorded runs. */
    private static final double CLEAR_DEVIATIONS = 2;

    /** Deviations that a slow rise stands out by: it needs more certainty. Measured on recorded runs. */
    private static final double SLOW_DEVIATIONS = 5;

    /** Multiple of the best validation loss above which it goes on. Measured on recorded runs. */
    private static final double STILL = 1.05;

    /** Share that the training loss must have fallen since the best evaluation. Measured on recorded runs. */
    private static final double TRAIN_FELL = 0.02;

    /** Accuracy as a share: losing less of a good one is overconfidence. Set by eye on recorded runs. */
    private static final double LOST_ACCURACY = 0.02;

    /** Accuracy as a share: a slow rise is confirmed by losing this much. Measured on recorded runs. */
    private static final double CONFIRMED_BY = 0.01;

    /** Evaluations; with fewer there is no best one and a rise after it. */
    private static final int LEAST_EVALUATIONS = 4;

    /** A run of so few evaluations has no noise to measure; there each rise must follow the last without a break. */
    private static final long PLAIN_EVALUATIONS = 10;

    private static final long PLAIN_RISES = 2;

    /** x the best, after two rises and after more: both are far beyond what validation losses of one model differ by. */
    private static final double PLAIN_RISE_OF_TWO = 1.3;

    private static final double PLAIN_RISE = 1.15;

    /** x the largest rise before the best: losses that have gone up and come down again do so once more. */
    private static final double PLAIN_OVER = 3;

    /** Share of the training loss that must have been gained meanwhile: then the model still learns the training set. */
    private static final double PLAIN_TRAIN_FELL = 0.1;

    private final double rise;
    private final double waitEvaluations;
    private final double waitShare;
    private final double slowRise;
    private final double slowShare;
    private final double effect;
    private final double goodAccuracy;

    public OverfittingDetector(DetectorSettings settings) {
        rise = settings.get(ID, RISE);
        waitEvaluations = settings.get(ID, WAIT_EVALUATIONS);
        waitShare = settings.get(ID, WAIT_SHARE);
        slowRise = settings.get(ID, SLOW_RISE);
        slowShare = settings.get(ID, SLOW_SHARE);
        effect = settings.get(ID, EFFECT);
        goodAccuracy = settings.get(ID, GOOD_ACCURACY);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return Persistence.SLOTS;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (!now.validationLossArrived()) {
            return;
        }
        ValidationCurve validation = run.validation();
        long n = validation.evaluations();
        double best = validation.best();
        double level = validation.recent().medianOfLast(3);
        double noise = validation.noiseBefore();
        long past = n - validation.bestAt();
        boolean clear = past >= Math.max(waitEvaluations, waitShare * n)
                && level >= rise * best
                && level - best > CLEAR_DEVIATIONS * noise;
        boolean slow = past >= Math.max(waitEvaluations, slowShare * n)
                && level >= slowRise * best
                && level - best > SLOW_DEVIATIONS * noise;
        boolean visible = level - best > effect * (validation.first() - best);
        boolean rises = best > 0 && visible && trainingFell(run) && (clear || slow);
        boolean on = HOLD.update(memory, 0, rises, best > 0 && level >= STILL * best, n) && n >= LEAST_EVALUATIONS;
        boolean plain = !on && isPlain(run, validation);
        if (past == 0 || !(on || plain || (reporter.isPaging(ID) && level >= STILL * best))) {
            if (past == 0) {
                // A new best is the end of it: where to go back to has changed.
                Persistence.reset(memory, 0);
            }
            reporter.clears();
        } else if (plain) {
            reportPlain(run, validation, reporter);
        } else if (isAdvice(run, clear) ? reporter.notes() : reporter.fires(Severity.WARNING)) {
            reporter.report(AlertMessage.of("The validation loss rose from " + NumberText.number(best)
                            + " at its best (" + best(validation)
                            + ") to " + NumberText.number(level) + " while the training loss went on falling."
                            + standing(run))
                    .with("observed", level, "loss")
                    .with("threshold", rise * best, "loss")
                    .with("window", past, "evaluations")
                    .with("best", best, "loss"));
        }
    }

    /** In a short run, certainty comes from the size of the effect: each evaluation worse than the one before, none of those up to the best, and the newest far above it. */
    private static boolean isPlain(RunState run, ValidationCurve validation) {
        long past = validation.evaluations() - validation.bestAt();
        Ring recent = validation.recent();
        if (past < PLAIN_RISES || validation.evaluations() > PLAIN_EVALUATIONS || !(validation.best() > 0)) {
            return false;
        }
        // A damaged state may count more evaluations than it keeps.
        if (recent.size() <= past) {
            return false;
        }
        for (int age = 0; age < past; age++) {
            if (recent.ago(age) <= recent.ago(age + 1)) {
                return false;
            }
        }
        double usual = 0;
        for (int age = (int) past; age < recent.size() - 1; age++) {
            usual = Math.max(usual, recent.ago(age) - recent.ago(age + 1));
        }
        if (usual > 0 && past == PLAIN_RISES) {
            return false;
        }
        double factor = past == PLAIN_RISES ? PLAIN_RISE_OF_TWO : PLAIN_RISE;
        double before = validation.trainAtBest();
        double now = run.trainLevelForValidation();
        return recent.ago(0) >= factor * validation.best()
                && recent.ago(0) - validation.best() > PLAIN_OVER * usual
                && now < before - PLAIN_TRAIN_FELL * Math.abs(before);
    }

    private void reportPlain(RunState run, ValidationCurve validation, FindingReporter reporter) {
        double lost = run.epochs().share(validation.bestAccuracy() - validation.accuracy());
        boolean standing = lost < CONFIRMED_BY;
        if (standing ? reporter.notes() : reporter.fires(Severity.WARNING)) {
            double newest = validation.recent().ago(0);
            reporter.report(AlertMessage.of("The validation loss has risen at each of "
                            + (validation.evaluations() - validation.bestAt()) + " evaluations, from "
                            + NumberText.number(validation.best()) + " at its best (" + best(validation) + ") to "
                            + NumberText.number(newest) + ", while the training loss went on falling."
                            + standing(run))
                    .with("observed", newest, "loss")
                    .with("threshold", PLAIN_RISE * validation.best(), "loss")
                    .with("window", validation.evaluations() - validation.bestAt(), "evaluations")
                    .with("best", validation.best(), "loss"));
        }
    }

    private static String best(ValidationCurve validation) {
        return Double.isNaN(validation.bestEpoch())
                ? "evaluation " + validation.bestAt()
                : "epoch " + NumberText.number(validation.bestEpoch());
    }

    private static boolean trainingFell(RunState run) {
        double before = run.validation().trainAtBest();
        double now = run.trainLevelForValidation();
        return Double.isNaN(before) || Double.isNaN(now) || now < before - TRAIN_FELL * Math.abs(before);
    }

    private String standing(RunState run) {
        double accuracy = run.epochs().validationAccuracyLevel();
        return accuracy >= goodAccuracy
                ? " The validation accuracy stands at " + NumberText.percent(accuracy)
                        + ": overconfident rather than worse."
                : "";
    }

    /** A good accuracy that stands, or a slow rise that no lost accuracy confirms: the model grows overconfident rather than worse. */
    private boolean isAdvice(RunState run, boolean clear) {
        double accuracy = run.epochs().validationAccuracyLevel();
        double lost = run.epochs().share(run.validation().bestAccuracy()) - accuracy;
        return clear ? accuracy >= goodAccuracy && lost < LOST_ACCURACY : !(lost >= CONFIRMED_BY);
    }
}
