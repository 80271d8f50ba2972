package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.diagnosis.CauseCode.*;

import dev.gradwatch.detection.detector.Words;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.AlertBook;
import dev.gradwatch.detection.state.Metric;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.statistics.Blocks;

/** What the training loss says: where it started, where it stands, how it moves. */
final class LossClues {

    private static final double PLAUSIBLE = 1.5;
    private static final double IMPOSSIBLE = 3;
    private static final double ABSURD = 100;
    private static final double ABSURD_BATCH = 20;
    private static final double NEAR = 0.05;
    private static final double BARELY = 0.05;
    private static final double TOGETHER = 0.2;
    private static final double BELOW_GUESSING = 0.9;
    private static final double LEARNED_SOME = 0.1;
    private static final int WINDOW = 10;
    private static final int OFTEN = 3;
    private static final int FEW = 5;
    private static final int STANDS = 5;
    private static final double COIN = 0.62;

    private LossClues() {}

    static void weigh(Patient patient, Weights weights) {
        blowUp(patient.run(), weights);
        startLoss(patient, weights);
        if (patient.shows("loss-plateau", "slow-convergence", "constant-metrics")) {
            level(patient, weights);
        }
        if (patient.shows("loss-spike", "exploding-gradients")) {
            recurrence(patient, weights);
            absurdBatch(patient.run(), weights);
        }
        boolean lossIsGone = patient.run().progress().lastTrainLoss() != null
                && !Double.isFinite(patient.run().progress().lastTrainLoss());
        if (patient.shows("non-finite-values") && lossIsGone) {
            outOfTheBlue(patient.run(), weights);
        }
        if (patient.shows("constant-metrics")) {
            standingAccuracy(patient, weights);
        }
    }

    private static void startLoss(Patient patient, Weights weights) {
        RunStarted registration = patient.registration();
        RunState run = patient.run();
        double chance = run.chanceLoss();
        if (Double.isNaN(chance) || patient.isFromElsewhere() || run.loss().size() < 1) {
            return;
        }
        double first = run.loss().first();
        double start = run.loss().start();
        String usual = registration.classes() + " classes start near " + Words.number(chance);
        if (first > ABSURD * chance) {
            String seen = "the first loss, before any update, was " + Words.number(first) + "; " + usual;
            weights.support(UNSCALED_INPUTS, 2, seen);
            weights.doubt(LEARNING_RATE_TOO_HIGH, 0.5, seen);
        } else if (first < PLAUSIBLE * chance && start > IMPOSSIBLE * chance) {
            String seen = "the first loss was " + Words.number(first) + ", as " + usual + ", and " + Words.number(start)
                    + " right after the first update";
            weights.support(LEARNING_RATE_TOO_HIGH, 0.8, seen);
            weights.doubt(UNSCALED_INPUTS, 0.1, seen);
        } else if (start > IMPOSSIBLE * chance) {
            weights.support(UNSCALED_INPUTS, 1.2, "the first loss was " + Words.number(start) + "; " + usual);
        } else if (start < PLAUSIBLE * chance) {
            weights.doubt(
                    UNSCALED_INPUTS,
                    0.3,
                    "the first loss, " + Words.number(start) + ", is plausible for " + registration.classes()
                            + " classes");
        }
    }

    private static void blowUp(RunState run, Weights weights) {
        double first = run.loss().first();
        double level = run.loss().level();
        if (level > 2 * first && first > 0) {
            weights.support(
                    LEARNING_RATE_TOO_HIGH,
                    0.3,
                    "the loss went from " + Words.number(first) + " to " + Words.number(level));
        }
    }

    /** Stuck at what guessing costs is another story than stuck below it. */
    private static void level(Patient patient, Weights weights) {
        RunState run = patient.run();
        double level = run.loss().level();
        double chance = run.chanceLoss();
        Double baseline =
                patient.registration() == null ? null : patient.registration().baselineLoss();
        boolean guesses = !Double.isNaN(chance) && Math.abs(level / chance - 1) < NEAR;
        if (guesses) {
            String seen = "the loss is " + Words.number(level) + ", what guessing among "
                    + patient.registration().classes() + " classes costs";
            weights.support(NOISY_OR_UNINFORMATIVE_DATA, 0.1, seen);
            weights.doubt(INSUFFICIENT_CAPACITY, 0.3, seen);
        } else if (baseline != null && baseline > 0 && Math.abs(level / baseline - 1) < NEAR) {
            String seen = "the loss is " + Words.number(level) + ", that of always answering the mean ("
                    + Words.number(baseline) + ")";
            weights.support(NOISY_OR_UNINFORMATIVE_DATA, 0.15, seen);
            weights.doubt(INSUFFICIENT_CAPACITY, 0.5, seen);
        } else if (run.loss().improvement() > BARELY) {
            learnedSome(run, level, weights);
        }
    }

    private static void learnedSome(RunState run, double level, Weights weights) {
        String gained = "the loss has improved by " + Words.percent(run.loss().improvement());
        weights.doubt(LEARNING_RATE_TOO_LOW, 0.6, gained);
        double validation = run.validation().recent().medianOfLast(3);
        Blocks blocks = run.validation().blocks();
        boolean belowGuessing = Double.isNaN(run.chanceLoss()) || level < BELOW_GUESSING * run.chanceLoss();
        if (blocks.size() >= 6
                && belowGuessing
                && run.loss().improvement() > LEARNED_SOME
                && Math.abs(validation - level) < TOGETHER * Math.abs(level)) {
            weights.support(
                    INSUFFICIENT_CAPACITY,
                    0.4,
                    "training (" + Words.number(level) + ") and validation loss (" + Words.number(validation)
                            + ") are flat together");
        }
    }

    /** What an untrained model pays for a sound batch is the most that a sound batch costs. */
    private static void absurdBatch(RunState run, Weights weights) {
        double newest =
                run.loss().recent().isEmpty() ? Double.NaN : run.loss().recent().ago(0);
        if (newest > ABSURD_BATCH * run.loss().start()
                && run.loss().recent().medianBeforeNewest(WINDOW) < run.loss().start()) {
            String seen = "the batch costs " + Words.number(newest) + ", at the start a batch cost "
                    + Words.number(run.loss().start());
            weights.support(CORRUPT_BATCH, 0.6, seen);
            weights.doubt(UNSTABLE_GRADIENTS, 0.5, seen);
        }
    }

    private static void recurrence(Patient patient, Weights weights) {
        AlertBook alerts = patient.run().alerts();
        int now = alerts.open(patient.detector()) == null ? 1 : 0;
        int times = alerts.openings(patient.detector()) + now;
        if (times >= OFTEN) {
            String seen = "it is alert number " + times + " of this kind in the run";
            weights.support(UNSTABLE_GRADIENTS, 0.2, seen);
            weights.doubt(CORRUPT_BATCH, 0.4, seen);
        }
    }

    /** What blows up grows before it overflows; what a batch brings comes from one step to the next. */
    private static void outOfTheBlue(RunState run, Weights weights) {
        boolean lossWasUsual = run.loss().recent().size() >= FEW
                && run.loss().recent().ago(0) < 2 * run.loss().recent().medianBeforeNewest(WINDOW);
        boolean normWasUsual = run.norm().baselineSize() < FEW
                || run.norm().latest() < 3 * run.norm().baseline();
        if (lossWasUsual && normWasUsual) {
            String seen = "loss and gradient were as usual one step before";
            weights.support(CORRUPT_BATCH, 0.5, seen);
            weights.doubt(LEARNING_RATE_TOO_HIGH, 0.4, seen);
            weights.doubt(UNSTABLE_GRADIENTS, 0.5, seen);
        }
    }

    /** An accuracy may stand while the weights move: then the optimizer works, and what it sees tells it nothing. */
    private static void standingAccuracy(Patient patient, Weights weights) {
        RunState run = patient.run();
        boolean lossMoves = run.loss().ofSteps()
                ? run.repeats(Metric.STEP_LOSS).run() < STANDS
                : run.repeats(Metric.TRAIN_LOSS).count() > 0
                        && run.repeats(Metric.TRAIN_LOSS).run() < STANDS;
        if (!lossMoves) {
            return;
        }
        if (run.repeats(Metric.VALIDATION_LOSS).run() >= STANDS) {
            String stale = "only validation stands still, the training loss moves";
            weights.support(TRAIN_VALIDATION_MISMATCH, 0.8, stale);
            weights.remedy(
                    TRAIN_VALIDATION_MISMATCH,
                    "check that validation runs on the current weights, and not on a stale copy or a cached result");
        }
        String seen = "the training loss moves";
        weights.doubt(OPTIMIZER_NOT_STEPPING, 0.1, seen);
        weights.doubt(DYING_RELU, 0.2, seen);
        weights.doubt(UNSCALED_INPUTS, 0.3, seen);
        double share = run.epochs().share(run.epochs().validationAccuracy().medianOfLast(1));
        if (Double.isNaN(share)) {
            share = run.epochs().share(run.epochs().trainAccuracy().medianOfLast(1));
        }
        if (Double.isNaN(share)) {
            return;
        }
        String stands = "the loss moves and the accuracy stands at " + Words.percent(share);
        if (share > COIN) {
            weights.support(CLASS_IMBALANCE, 0.3, stands + ", perhaps the share of the most frequent class");
        } else {
            weights.support(NOISY_OR_UNINFORMATIVE_DATA, 0.4, stands);
            weights.doubt(CLASS_IMBALANCE, 0.3, "no class has so large a share that answering it would pay");
        }
    }
}
