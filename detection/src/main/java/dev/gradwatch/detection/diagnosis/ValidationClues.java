package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.diagnosis.CauseCode.*;

import dev.gradwatch.detection.detector.Words;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.ValidationCurve;

/** What validation says: how early it was best, how far from training, how far from guessing. */
final class ValidationClues {

    private static final double FEW_SAMPLES = 2000;
    private static final double MANY_SAMPLES = 50_000;
    private static final double PARAMETERS_PER_SAMPLE = 10;
    private static final double NEAR_ZERO = 0.1;
    private static final double EARLY_SHARE = 0.15;
    private static final double LATE_SHARE = 0.4;
    private static final double NEAR_GUESSING_POINTS = 5;
    private static final double FAR = 2;
    private static final double CLEAR_MAJORITY = 0.75;
    private static final double EARLY_GAP = 0.2;

    private ValidationClues() {}

    static void weigh(Patient patient, Weights weights) {
        if (patient.shows("overfitting", "metric-plateau")) {
            whenItWasBest(patient, weights);
            capacity(patient, weights);
            bestCheckpoint(patient, weights);
        }
        if (patient.shows("no-generalization")) {
            bestCheckpoint(patient, weights);
        }
        if (patient.shows("overfitting", "no-generalization")) {
            nearGuessing(patient, weights);
        }
        if (patient.shows("no-generalization", "validation-mismatch", "metric-plateau", "overfitting")) {
            distance(patient.run(), weights);
        }
        if (patient.shows("majority-class-collapse")) {
            majority(patient.run(), weights);
        }
    }

    private static void whenItWasBest(Patient patient, Weights weights) {
        ValidationCurve validation = patient.run().validation();
        double share = (double) validation.bestAt() / Math.max(1, validation.evaluations());
        String when =
                "the validation loss was best at evaluation " + validation.bestAt() + " of " + validation.evaluations();
        if (share <= EARLY_SHARE) {
            weights.support(INSUFFICIENT_DATA, 0.15, when);
        } else if (share >= LATE_SHARE) {
            weights.support(MISSING_REGULARIZATION, 0.15, when);
        }
        double samples = patient.samples();
        if (patient.shows("metric-plateau")) {
            return;
        }
        if (samples < FEW_SAMPLES) {
            weights.support(INSUFFICIENT_DATA, 0.2, "an epoch has only about " + Words.number(samples) + " samples");
        } else if (samples > MANY_SAMPLES) {
            weights.doubt(INSUFFICIENT_DATA, 0.5, "an epoch has about " + Words.number(samples) + " samples");
        }
    }

    private static void capacity(Patient patient, Weights weights) {
        RunState run = patient.run();
        double level = run.loss().level();
        double start = run.loss().start();
        if (start > 0 && level < NEAR_ZERO * start) {
            weights.support(
                    EXCESS_CAPACITY,
                    0.2,
                    "the training loss is nearly zero (" + Words.number(level) + "): the model can memorize the data");
        }
        double parameters = run.layers().parameters();
        if (parameters > PARAMETERS_PER_SAMPLE * patient.samples()) {
            weights.support(
                    EXCESS_CAPACITY,
                    0.15,
                    Words.number(parameters) + " parameters learn from about " + Words.number(patient.samples())
                            + " samples");
        }
    }

    private static void bestCheckpoint(Patient patient, Weights weights) {
        ValidationCurve validation = patient.run().validation();
        if (validation.bestAt() <= 1) {
            weights.remedy(
                    OVERFITTING,
                    "no evaluation was better than the first one: look at data and labels before training longer");
            return;
        }
        String best = (Double.isNaN(validation.bestEpoch())
                        ? "evaluation " + validation.bestAt()
                        : "epoch " + Words.number(validation.bestEpoch()))
                + " (validation loss " + Words.number(validation.best()) + ")";
        weights.remedy(
                OVERFITTING,
                patient.shows("overfitting")
                        ? "stop, and go back to the checkpoint of " + best
                                + "; augment or add data before training longer"
                        : "keep the checkpoint of " + best + ", and stop unless a better one comes soon");
    }

    private static void nearGuessing(Patient patient, Weights weights) {
        double points = patient.pointsAboveGuessing();
        double chance = patient.run().chanceLoss();
        double best = patient.run().validation().best();
        if (points < NEAR_GUESSING_POINTS) {
            weights.support(
                    NOISY_OR_UNINFORMATIVE_DATA,
                    0.3,
                    "the best validation accuracy is "
                            + Words.percent(patient.run()
                                    .epochs()
                                    .share(patient.run().validation().bestAccuracy()))
                            + ", hardly better than guessing");
        } else if (!Double.isNaN(points)) {
            weights.doubt(
                    NOISY_OR_UNINFORMATIVE_DATA,
                    0.5,
                    "the validation accuracy reached "
                            + Words.percent(patient.run()
                                    .epochs()
                                    .share(patient.run().validation().bestAccuracy())));
        }
        if (best > 0.97 * chance) {
            weights.support(
                    NOISY_OR_UNINFORMATIVE_DATA,
                    0.2,
                    "the validation loss was never below " + Words.number(best) + "; guessing costs "
                            + Words.number(chance));
        }
    }

    /** Memorizing takes many epochs; a gap that is there in the first ones is in the data, or in how they are prepared. */
    private static void distance(RunState run, Weights weights) {
        double gap = run.epochs().earlyGap();
        double train = run.epochs().firstTrainLoss();
        double first = run.validation().first();
        if (isBelowGuessing(run)) {
            weights.support(
                    TRAIN_VALIDATION_MISMATCH,
                    1,
                    "the validation accuracy ("
                            + Words.percent(run.epochs().share(run.validation().accuracy()))
                            + ") is far below guessing: the labels are probably numbered or ordered differently");
            weights.doubt(OVERFITTING, 0.5, "overfitting does not make answers worse than guessed ones");
            weights.doubt(INSUFFICIENT_DATA, 0.5, "nor does a lack of data");
        }
        if (gap > EARLY_GAP) {
            String seen = "in the first epochs already the validation accuracy was "
                    + Words.number(Math.rint(100 * gap)) + " points behind";
            weights.support(TRAIN_VALIDATION_MISMATCH, 0.8, seen);
            weights.doubt(OVERFITTING, 0.5, seen + ", before anything could be memorized");
            weights.doubt(INSUFFICIENT_DATA, 0.5, seen);
            weights.doubt(NOISY_OR_UNINFORMATIVE_DATA, 0.4, "training learned at once what validation does not show");
        } else if (train > 0 && first > FAR * train) {
            weights.support(
                    TRAIN_VALIDATION_MISMATCH,
                    0.4,
                    "the first validation loss was " + Words.number(first / train) + " x the training loss ("
                            + Words.number(first) + " and " + Words.number(train) + ")");
        } else if (train > 0) {
            weights.doubt(
                    TRAIN_VALIDATION_MISMATCH,
                    0.5,
                    "training and validation began alike (" + Words.number(train) + " and " + Words.number(first)
                            + ")");
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

    private static void majority(RunState run, Weights weights) {
        double share = run.epochs().trainAccuracyLevel();
        if (share > CLEAR_MAJORITY) {
            weights.support(CLASS_IMBALANCE, 0.3, "the accuracy stands at " + Words.percent(share));
            weights.remedy(
                    CLASS_IMBALANCE,
                    "weight or resample the classes (the most frequent one has about " + Words.percent(share)
                            + "), and watch a balanced metric instead of accuracy");
        } else {
            weights.support(
                    NOISY_OR_UNINFORMATIVE_DATA, 0.1, "no class is so frequent that answering it alone is cheap");
        }
    }
}
