package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.alert.CauseCode.*;
import static dev.gradwatch.detection.detector.SymptomTrait.*;

import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.ValidationCurve;

/** What validation says: how early it was best, how far from training, how far from guessing. */
final class ValidationEvidence {

    /** Samples in an epoch that are few to train from scratch. Set by eye on recorded runs. */
    private static final double FEW_SAMPLES = 2000;

    /**
     * Samples in an epoch with which a lack of data is unlikely: the size of the usual image benchmarks. Set by eye
     * on recorded runs.
     */
    private static final double MANY_SAMPLES = 50_000;

    /** Parameters for each sample with which a model can memorize. Set by eye on recorded runs. */
    private static final double PARAMETERS_PER_SAMPLE = 10;

    /** Share of the start loss below which training is nearly memorized. Set by eye on recorded runs. */
    private static final double NEAR_ZERO = 0.1;

    /** Share of the evaluations: a best one before it came early. Set by eye on recorded runs. */
    private static final double EARLY_SHARE = 0.15;

    /** Share of the evaluations: a best one after it came late. Set by eye on recorded runs. */
    private static final double LATE_SHARE = 0.4;

    /** Points of accuracy above a uniform guess that are hardly better. Set by eye on recorded runs. */
    private static final double NEAR_GUESSING_POINTS = 5;

    /**
     * Multiple of the training loss that the first validation loss does not reach on like data. Set by eye on
     * recorded runs.
     */
    private static final double FAR = 2;

    /** Share of the samples: a class above it is the most frequent by far. Set by eye on recorded runs. */
    private static final double CLEAR_MAJORITY = 0.75;

    /**
     * Accuracy as a share: a gap in the first epochs that memorizing does not explain. Set by eye on recorded runs.
     */
    private static final double EARLY_GAP = 0.2;

    private ValidationEvidence() {}

    static void weigh(DiagnosisContext context, CauseScores scores) {
        if (context.has(PAST_BEST_VALIDATION)) {
            whenItWasBest(context, scores);
            capacity(context, scores);
            bestCheckpoint(context, scores);
        }
        if (context.has(NO_BETTER_VALIDATION)) {
            bestCheckpoint(context, scores);
        }
        if (context.has(RISING_VALIDATION, NO_BETTER_VALIDATION)) {
            nearGuessing(context, scores);
        }
        if (context.has(VALIDATION_GAP_POSSIBLE)) {
            distance(context.run(), scores);
        }
        if (context.has(ONE_CLASS)) {
            majority(context.run(), scores);
        }
    }

    private static void whenItWasBest(DiagnosisContext context, CauseScores scores) {
        ValidationCurve validation = context.run().validation();
        double share = (double) validation.bestAt() / Math.max(1, validation.evaluations());
        String when =
                "the validation loss was best at evaluation " + validation.bestAt() + " of " + validation.evaluations();
        if (share <= EARLY_SHARE) {
            scores.weigh(DiagnosisEvidence.EARLY_BEST, INSUFFICIENT_DATA, when);
        } else if (share >= LATE_SHARE) {
            scores.weigh(DiagnosisEvidence.LATE_BEST, MISSING_REGULARIZATION, when);
        }
        double samples = context.samples();
        if (!context.has(RISING_VALIDATION)) {
            return;
        }
        if (samples < FEW_SAMPLES) {
            scores.weigh(
                    DiagnosisEvidence.FEW_SAMPLES,
                    INSUFFICIENT_DATA,
                    "an epoch has only about " + NumberText.number(samples) + " samples");
        } else if (samples > MANY_SAMPLES) {
            scores.weigh(
                    DiagnosisEvidence.MANY_SAMPLES,
                    INSUFFICIENT_DATA,
                    "an epoch has about " + NumberText.number(samples) + " samples");
        }
    }

    private static void capacity(DiagnosisContext context, CauseScores scores) {
        RunState run = context.run();
        double level = run.loss().level();
        double start = run.loss().start();
        if (start > 0 && level < NEAR_ZERO * start) {
            scores.weigh(
                    DiagnosisEvidence.MEMORIZED,
                    EXCESS_CAPACITY,
                    "the training loss is nearly zero (" + NumberText.number(level)
                            + "): the model can memorize the data");
        }
        double parameters = run.layers().parameters();
        if (parameters > PARAMETERS_PER_SAMPLE * context.samples()) {
            scores.weigh(
                    DiagnosisEvidence.MANY_PARAMETERS,
                    EXCESS_CAPACITY,
                    NumberText.number(parameters) + " parameters learn from about "
                            + NumberText.number(context.samples()) + " samples");
        }
    }

    private static void bestCheckpoint(DiagnosisContext context, CauseScores scores) {
        ValidationCurve validation = context.run().validation();
        if (validation.bestAt() <= 1) {
            scores.remedy(
                    OVERFITTING,
                    "no evaluation was better than the first one: look at data and labels before training longer");
            return;
        }
        scores.remedy(
                OVERFITTING,
                context.has(RISING_VALIDATION)
                        ? "stop here; augment or add data before training longer"
                        : "stop unless a better evaluation comes soon");
    }

    private static void nearGuessing(DiagnosisContext context, CauseScores scores) {
        double points = context.pointsAboveGuessing();
        double chance = context.run().chanceLoss();
        double best = context.run().validation().best();
        if (points < NEAR_GUESSING_POINTS) {
            scores.weigh(
                    DiagnosisEvidence.ACCURACY_NEAR_GUESSING,
                    NOISY_OR_UNINFORMATIVE_DATA,
                    "the best validation accuracy is "
                            + NumberText.percent(context.run()
                                    .epochs()
                                    .share(context.run().validation().bestAccuracy()))
                            + ", hardly better than guessing");
        } else if (!Double.isNaN(points)) {
            scores.weigh(
                    DiagnosisEvidence.ACCURACY_ABOVE_GUESSING,
                    NOISY_OR_UNINFORMATIVE_DATA,
                    "the validation accuracy reached "
                            + NumberText.percent(context.run()
                                    .epochs()
                                    .share(context.run().validation().bestAccuracy())));
        }
        if (best > 0.97 * chance) {
            scores.weigh(
                    DiagnosisEvidence.VALIDATION_LOSS_OF_GUESSING,
                    NOISY_OR_UNINFORMATIVE_DATA,
                    "the validation loss was never below " + NumberText.number(best) + "; guessing costs "
                            + NumberText.number(chance));
        }
    }

    /** Memorizing takes many epochs; a gap that is there in the first ones is in the data, or in how they are prepared. */
    private static void distance(RunState run, CauseScores scores) {
        double gap = run.epochs().earlyGap();
        double train = run.epochs().firstTrainLoss();
        double first = run.validation().first();
        if (isBelowGuessing(run)) {
            scores.weigh(
                    DiagnosisEvidence.BELOW_GUESSING,
                    TRAIN_VALIDATION_MISMATCH,
                    "the validation accuracy ("
                            + NumberText.percent(
                                    run.epochs().share(run.validation().accuracy()))
                            + ") is far below guessing: the labels are probably numbered or ordered differently");
            scores.weigh(
                    DiagnosisEvidence.BELOW_GUESSING,
                    OVERFITTING,
                    "overfitting does not make answers worse than guessed ones");
            scores.weigh(DiagnosisEvidence.BELOW_GUESSING, INSUFFICIENT_DATA, "nor does a lack of data");
        }
        if (gap > EARLY_GAP) {
            String seen = "in the first epochs already the validation accuracy was "
                    + NumberText.number(Math.rint(100 * gap)) + " points behind";
            scores.weigh(DiagnosisEvidence.EARLY_GAP, TRAIN_VALIDATION_MISMATCH, seen);
            scores.weigh(DiagnosisEvidence.EARLY_GAP, OVERFITTING, seen + ", before anything could be memorized");
            scores.weigh(DiagnosisEvidence.EARLY_GAP, INSUFFICIENT_DATA, seen);
            scores.weigh(
                    DiagnosisEvidence.EARLY_GAP,
                    NOISY_OR_UNINFORMATIVE_DATA,
                    "training learned at once what validation does not show");
        } else if (train > 0 && first > FAR * train) {
            scores.weigh(
                    DiagnosisEvidence.FIRST_VALIDATION_FAR,
                    TRAIN_VALIDATION_MISMATCH,
                    "the first validation loss was " + NumberText.number(first / train) + " x the training loss ("
                            + NumberText.number(first) + " and " + NumberText.number(train) + ")");
        } else if (train > 0) {
            scores.weigh(
                    DiagnosisEvidence.FIRST_VALIDATION_NEAR,
                    TRAIN_VALIDATION_MISMATCH,
                    "training and validation began alike (" + NumberText.number(train) + " and "
                            + NumberText.number(first) + ")");
        }
    }

    private static boolean isBelowGuessing(RunState run) {
        if (run.registration() == null || run.registration().classes() == null) {
            return false;
        }
        double validation = run.epochs().validationAccuracyLevel();
        double train = run.epochs().trainAccuracyLevel();
        double guessing = 1.0 / run.registration().classes();
        return validation < guessing / 2 && train > 2 * guessing;
    }

    private static void majority(RunState run, CauseScores scores) {
        double share = run.epochs().trainAccuracyLevel();
        if (share > CLEAR_MAJORITY) {
            scores.weigh(
                    DiagnosisEvidence.CLEAR_MAJORITY,
                    CLASS_IMBALANCE,
                    "the accuracy stands at " + NumberText.percent(share));
            scores.remedy(
                    CLASS_IMBALANCE,
                    "weight or resample the classes (the most frequent one has about " + NumberText.percent(share)
                            + "), and watch a balanced metric instead of accuracy");
        } else {
            scores.weigh(
                    DiagnosisEvidence.NO_CLEAR_MAJORITY,
                    NOISY_OR_UNINFORMATIVE_DATA,
                    "no class is so frequent that answering it alone is cheap");
        }
    }
}
