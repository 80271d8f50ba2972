package dev.gradwatch.detection.diagnosis;

import static dev.gradwatch.detection.alert.CauseCode.*;
import static dev.gradwatch.detection.detector.SymptomTrait.*;

import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.AlertHistory;
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

    static void weigh(DiagnosisContext context, CauseScores scores) {
        blowUp(context.run(), scores);
        startLoss(context, scores);
        if (context.has(LITTLE_PROGRESS)) {
            level(context, scores);
        }
        if (context.has(SUDDEN)) {
            recurrence(context, scores);
            absurdBatch(context.run(), scores);
        }
        boolean lossIsGone = context.run().progress().lastTrainLoss() != null
                && !Double.isFinite(context.run().progress().lastTrainLoss());
        if (context.has(NON_FINITE) && lossIsGone) {
            outOfTheBlue(context.run(), scores);
        }
        if (context.has(CONSTANT_METRIC)) {
            standingAccuracy(context, scores);
        }
    }

    private static void startLoss(DiagnosisContext context, CauseScores scores) {
        RunStarted registration = context.registration();
        RunState run = context.run();
        double chance = run.chanceLoss();
        if (Double.isNaN(chance) || context.isFromElsewhere() || run.loss().size() < 1) {
            return;
        }
        double first = run.loss().first();
        double start = run.loss().start();
        String usual = registration.classes() + " classes start near " + NumberText.number(chance);
        if (first > ABSURD * chance) {
            String seen = "the first loss, before any update, was " + NumberText.number(first) + "; " + usual;
            scores.support(UNSCALED_INPUTS, 2, seen);
            scores.doubt(LEARNING_RATE_TOO_HIGH, 0.5, seen);
        } else if (first < PLAUSIBLE * chance && start > IMPOSSIBLE * chance) {
            String seen = "the first loss was " + NumberText.number(first) + ", as " + usual + ", and "
                    + NumberText.number(start) + " right after the first update";
            scores.support(LEARNING_RATE_TOO_HIGH, 0.8, seen);
            scores.doubt(UNSCALED_INPUTS, 0.1, seen);
        } else if (start > IMPOSSIBLE * chance) {
            scores.support(UNSCALED_INPUTS, 1.2, "the first loss was " + NumberText.number(start) + "; " + usual);
        } else if (start < PLAUSIBLE * chance) {
            scores.doubt(
                    UNSCALED_INPUTS,
                    0.3,
                    "the first loss, " + NumberText.number(start) + ", is plausible for " + registration.classes()
                            + " classes");
        }
    }

    private static void blowUp(RunState run, CauseScores scores) {
        double first = run.loss().first();
        double level = run.loss().level();
        if (level > 2 * first && first > 0) {
            scores.support(
                    LEARNING_RATE_TOO_HIGH,
                    0.3,
                    "the loss went from " + NumberText.number(first) + " to " + NumberText.number(level));
        }
    }

    /** Stuck at what guessing costs is another story than stuck below it. */
    private static void level(DiagnosisContext context, CauseScores scores) {
        RunState run = context.run();
        double level = run.loss().level();
        double chance = run.chanceLoss();
        Double baseline =
                context.registration() == null ? null : context.registration().baselineLoss();
        boolean guesses = !Double.isNaN(chance) && Math.abs(level / chance - 1) < NEAR;
        if (guesses) {
            String seen = "the loss is " + NumberText.number(level) + ", what guessing among "
                    + context.registration().classes() + " classes costs";
            scores.support(NOISY_OR_UNINFORMATIVE_DATA, 0.1, seen);
            scores.doubt(INSUFFICIENT_CAPACITY, 0.3, seen);
        } else if (baseline != null && baseline > 0 && Math.abs(level / baseline - 1) < NEAR) {
            String seen = "the loss is " + NumberText.number(level) + ", that of always answering the mean ("
                    + NumberText.number(baseline) + ")";
            scores.support(NOISY_OR_UNINFORMATIVE_DATA, 0.15, seen);
            scores.doubt(INSUFFICIENT_CAPACITY, 0.5, seen);
        } else if (run.loss().improvement() > BARELY) {
            learnedSome(run, level, scores);
        }
    }

    private static void learnedSome(RunState run, double level, CauseScores scores) {
        String gained =
                "the loss has improved by " + NumberText.percent(run.loss().improvement());
        scores.doubt(LEARNING_RATE_TOO_LOW, 0.6, gained);
        double validation = run.validation().recent().medianOfLast(3);
        Blocks blocks = run.validation().blocks();
        boolean belowGuessing = Double.isNaN(run.chanceLoss()) || level < BELOW_GUESSING * run.chanceLoss();
        if (blocks.size() >= 6
                && belowGuessing
                && run.loss().improvement() > LEARNED_SOME
                && Math.abs(validation - level) < TOGETHER * Math.abs(level)) {
            scores.support(
                    INSUFFICIENT_CAPACITY,
                    0.4,
                    "training (" + NumberText.number(level) + ") and validation loss (" + NumberText.number(validation)
                            + ") are flat together");
        }
    }

    /** What an untrained model pays for a sound batch is the most that a sound batch costs. */
    private static void absurdBatch(RunState run, CauseScores scores) {
        double newest =
                run.loss().recent().isEmpty() ? Double.NaN : run.loss().recent().ago(0);
        if (newest > ABSURD_BATCH * run.loss().start()
                && run.loss().recent().medianBeforeNewest(WINDOW) < run.loss().start()) {
            String seen = "the batch costs " + NumberText.number(newest) + ", at the start a batch cost "
                    + NumberText.number(run.loss().start());
            scores.support(CORRUPT_BATCH, 0.6, seen);
            scores.doubt(UNSTABLE_GRADIENTS, 0.5, seen);
        }
    }

    private static void recurrence(DiagnosisContext context, CauseScores scores) {
        AlertHistory alerts = context.run().alerts();
        int now = alerts.open(context.entry().id()) == null ? 1 : 0;
        int times = alerts.openings(context.entry().id()) + now;
        if (times >= OFTEN) {
            String seen = "it is alert number " + times + " of this kind in the run";
            scores.support(UNSTABLE_GRADIENTS, 0.2, seen);
            scores.doubt(CORRUPT_BATCH, 0.4, seen);
        }
    }

    /** What blows up grows before it overflows; what a batch brings comes from one step to the next. */
    private static void outOfTheBlue(RunState run, CauseScores scores) {
        boolean lossWasUsual = run.loss().recent().size() >= FEW
                && run.loss().recent().ago(0) < 2 * run.loss().recent().medianBeforeNewest(WINDOW);
        boolean normWasUsual = run.norm().baselineSize() < FEW
                || run.norm().latest() < 3 * run.norm().baseline();
        if (lossWasUsual && normWasUsual) {
            String seen = "loss and gradient were as usual one step before";
            scores.support(CORRUPT_BATCH, 0.5, seen);
            scores.doubt(LEARNING_RATE_TOO_HIGH, 0.4, seen);
            scores.doubt(UNSTABLE_GRADIENTS, 0.5, seen);
        }
    }

    /** An accuracy may stand while the weights move: then the optimizer works, and what it sees tells it nothing. */
    private static void standingAccuracy(DiagnosisContext context, CauseScores scores) {
        RunState run = context.run();
        boolean lossMoves = run.loss().ofSteps()
                ? run.repeats(Metric.STEP_LOSS).run() < STANDS
                : run.repeats(Metric.TRAIN_LOSS).count() > 0
                        && run.repeats(Metric.TRAIN_LOSS).run() < STANDS;
        if (!lossMoves) {
            return;
        }
        if (run.repeats(Metric.VALIDATION_LOSS).run() >= STANDS) {
            String stale = "only validation stands still, the training loss moves";
            scores.support(TRAIN_VALIDATION_MISMATCH, 0.8, stale);
            scores.remedy(
                    TRAIN_VALIDATION_MISMATCH,
                    "check that validation runs on the current weights, and not on a stale copy or a cached result");
        }
        String seen = "the training loss moves";
        scores.doubt(OPTIMIZER_NOT_STEPPING, 0.1, seen);
        scores.doubt(DYING_RELU, 0.2, seen);
        scores.doubt(UNSCALED_INPUTS, 0.3, seen);
        double share = run.epochs().share(run.epochs().validationAccuracy().medianOfLast(1));
        if (Double.isNaN(share)) {
            share = run.epochs().share(run.epochs().trainAccuracy().medianOfLast(1));
        }
        if (Double.isNaN(share)) {
            return;
        }
        String stands = "the loss moves and the accuracy stands at " + NumberText.percent(share);
        if (share > COIN) {
            scores.support(CLASS_IMBALANCE, 0.3, stands + ", perhaps the share of the most frequent class");
        } else {
            scores.support(NOISY_OR_UNINFORMATIVE_DATA, 0.4, stands);
            scores.doubt(CLASS_IMBALANCE, 0.3, "no class has so large a share that answering it would pay");
        }
    }
}
