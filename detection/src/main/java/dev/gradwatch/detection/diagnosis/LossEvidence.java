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
final class LossEvidence {

    /** Multiple of the chance loss below which a first loss is plausible: initializations vary by less. */
    private static final double PLAUSIBLE = 1.5;

    /** Multiple of the chance loss that a plausible start never shows. Set by eye on recorded runs. */
    private static final double IMPOSSIBLE = 3;

    /**
     * Multiple of the chance loss that only unscaled inputs reach before an update. Set by eye on recorded runs.
     */
    private static final double ABSURD = 100;

    /** Multiple of the start loss that no sound batch costs. Set by eye on recorded runs. */
    private static final double ABSURD_BATCH = 20;

    /** Share of a reference loss within which a loss is the same. Set by eye on recorded runs. */
    private static final double NEAR = 0.05;

    /** Share of the start loss that is hardly an improvement. Set by eye on recorded runs. */
    private static final double BARELY = 0.05;

    /** Share of the training loss within which validation is flat with it. Set by eye on recorded runs. */
    private static final double TOGETHER = 0.2;

    /**
     * Share of the chance loss: a loss below it has learned something of the labels. Set by eye on recorded runs.
     */
    private static final double BELOW_GUESSING = 0.9;

    /** Share of the start loss that is some progress. Set by eye on recorded runs. */
    private static final double LEARNED_SOME = 0.1;

    /** Losses before the newest one that are its usual level. As in the curve of losses. */
    private static final int WINDOW = 10;

    /** Alerts of a kind from which it recurs: one bad batch does not make three. Set by eye on recorded runs. */
    private static final int OFTEN = 3;

    /** Values from which a usual level can be told. */
    private static final int FEW = 5;

    /** Records with one value in a row from which it stands. Set by eye on recorded runs. */
    private static final int STANDS = 5;

    /** Accuracy as a share: above it two classes in equal parts are unlikely. Set by eye on recorded runs. */
    private static final double COIN = 0.62;

    /** x the loss of guessing: noise of batches stays below it. */
    private static final double WILD = 1.15;

    /** An accuracy that only an unequal share of classes explains, and how near two must be to be that share. */
    private static final double CLEAR_MAJORITY = 0.75;

    private static final double TOGETHER_POINTS = 0.03;

    private LossEvidence() {}

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
            scores.weigh(DiagnosisEvidence.ABSURD_FIRST_LOSS, UNSCALED_INPUTS, seen);
            scores.weigh(DiagnosisEvidence.ABSURD_FIRST_LOSS, LEARNING_RATE_TOO_HIGH, seen);
        } else if (first < PLAUSIBLE * chance && start > IMPOSSIBLE * chance) {
            String seen = "the first loss was " + NumberText.number(first) + ", as " + usual + ", and "
                    + NumberText.number(start) + " right after the first update";
            scores.weigh(DiagnosisEvidence.JUMP_AFTER_FIRST_UPDATE, LEARNING_RATE_TOO_HIGH, seen);
            scores.weigh(DiagnosisEvidence.JUMP_AFTER_FIRST_UPDATE, UNSCALED_INPUTS, seen);
        } else if (start > IMPOSSIBLE * chance) {
            scores.weigh(
                    DiagnosisEvidence.HIGH_FIRST_LOSS,
                    UNSCALED_INPUTS,
                    "the first loss was " + NumberText.number(start) + "; " + usual);
        } else if (start < PLAUSIBLE * chance) {
            scores.weigh(
                    DiagnosisEvidence.PLAUSIBLE_FIRST_LOSS,
                    UNSCALED_INPUTS,
                    "the first loss, " + NumberText.number(start) + ", is plausible for " + registration.classes()
                            + " classes");
        }
    }

    private static void blowUp(RunState run, CauseScores scores) {
        double first = run.loss().first();
        double level = run.loss().level();
        if (level > 2 * first && first > 0) {
            scores.weigh(
                    DiagnosisEvidence.LOSS_GREW,
                    LEARNING_RATE_TOO_HIGH,
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
            scores.weigh(DiagnosisEvidence.LOSS_OF_GUESSING, NOISY_OR_UNINFORMATIVE_DATA, seen);
            scores.weigh(DiagnosisEvidence.LOSS_OF_GUESSING, INSUFFICIENT_CAPACITY, seen);
            wildStart(run, chance, scores);
        } else if (baseline != null && baseline > 0 && Math.abs(level / baseline - 1) < NEAR) {
            String seen = "the loss is " + NumberText.number(level) + ", that of always answering the mean ("
                    + NumberText.number(baseline) + ")";
            scores.weigh(DiagnosisEvidence.LOSS_OF_MEAN, NOISY_OR_UNINFORMATIVE_DATA, seen);
            scores.weigh(DiagnosisEvidence.LOSS_OF_MEAN, INSUFFICIENT_CAPACITY, seen);
        } else if (run.loss().improvement() > BARELY) {
            learnedSome(run, level, scores);
        }
    }

    /** A classifier that began at chance, was thrown far above it and never came below it again was thrown by its updates. */
    private static void wildStart(RunState run, double chance, CauseScores scores) {
        double highest = run.loss().highest();
        if (run.loss().first() < PLAUSIBLE * chance && highest > WILD * chance) {
            String seen = "the loss began at " + NumberText.number(run.loss().first()) + ", rose to "
                    + NumberText.number(highest) + " and has only come back to what guessing costs";
            scores.weigh(DiagnosisEvidence.WILD_START, LEARNING_RATE_TOO_HIGH, seen);
            scores.weigh(DiagnosisEvidence.WILD_START, LEARNING_RATE_TOO_LOW, seen);
        }
    }

    private static void learnedSome(RunState run, double level, CauseScores scores) {
        String gained =
                "the loss has improved by " + NumberText.percent(run.loss().improvement());
        scores.weigh(DiagnosisEvidence.SOME_PROGRESS, LEARNING_RATE_TOO_LOW, gained);
        double validation = run.validation().recent().medianOfLast(3);
        Blocks blocks = run.validation().blocks();
        boolean belowGuessing = Double.isNaN(run.chanceLoss()) || level < BELOW_GUESSING * run.chanceLoss();
        if (blocks.size() >= 6
                && belowGuessing
                && run.loss().improvement() > LEARNED_SOME
                && Math.abs(validation - level) < TOGETHER * Math.abs(level)) {
            scores.weigh(
                    DiagnosisEvidence.FLAT_TOGETHER,
                    INSUFFICIENT_CAPACITY,
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
            scores.weigh(DiagnosisEvidence.ABSURD_BATCH, CORRUPT_BATCH, seen);
            scores.weigh(DiagnosisEvidence.ABSURD_BATCH, UNSTABLE_GRADIENTS, seen);
        }
    }

    private static void recurrence(DiagnosisContext context, CauseScores scores) {
        AlertHistory alerts = context.run().alerts();
        int now = alerts.open(context.entry().id()) == null ? 1 : 0;
        int times = alerts.openings(context.entry().id()) + now;
        if (times >= OFTEN) {
            String seen = "it is alert number " + times + " of this kind in the run";
            scores.weigh(DiagnosisEvidence.RECURRING, UNSTABLE_GRADIENTS, seen);
            scores.weigh(DiagnosisEvidence.RECURRING, CORRUPT_BATCH, seen);
        }
    }

    /** What blows up grows before it overflows; what a batch brings comes from one step to the next. */
    private static void outOfTheBlue(RunState run, CauseScores scores) {
        if (!run.logsEachStep()) {
            // An epoch's mean, or every fiftieth step, says nothing of the step before.
            return;
        }
        boolean lossWasUsual = run.loss().recent().size() >= FEW
                && run.loss().recent().ago(0) < 2 * run.loss().recent().medianBeforeNewest(WINDOW);
        boolean normWasUsual = run.norm().baselineSize() < FEW
                || run.norm().latest() < 3 * run.norm().baseline();
        if (lossWasUsual && normWasUsual) {
            String seen = "loss and gradient were as usual one step before";
            scores.weigh(DiagnosisEvidence.SUDDEN_NON_FINITE, CORRUPT_BATCH, seen);
            scores.weigh(DiagnosisEvidence.SUDDEN_NON_FINITE, LEARNING_RATE_TOO_HIGH, seen);
            scores.weigh(DiagnosisEvidence.SUDDEN_NON_FINITE, UNSTABLE_GRADIENTS, seen);
        }
    }

    /** Where loss and accuracy stand together at a high accuracy, one class is answered for everything, and it is most of the data. */
    private static void standingTogether(RunState run, CauseScores scores) {
        double train = run.epochs().trainAccuracyLevel();
        double validation = run.epochs().validationAccuracyLevel();
        if (run.repeats(Metric.VALIDATION_ACCURACY).run() >= STANDS
                && validation > CLEAR_MAJORITY
                && Math.abs(train - validation) < TOGETHER_POINTS) {
            scores.weigh(
                    DiagnosisEvidence.ACCURACY_STANDS_WITH_LOSS,
                    CLASS_IMBALANCE,
                    "training and validation accuracy stand together at " + NumberText.percent(validation)
                            + ", as the share of the most frequent class does");
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
            standingTogether(run, scores);
            return;
        }
        if (run.repeats(Metric.VALIDATION_LOSS).run() >= STANDS) {
            String stale = "only validation stands still, the training loss moves";
            scores.weigh(DiagnosisEvidence.ONLY_VALIDATION_STANDS, TRAIN_VALIDATION_MISMATCH, stale);
            scores.remedy(
                    TRAIN_VALIDATION_MISMATCH,
                    "check that validation runs on the current weights, and not on a stale copy or a cached result");
        }
        String seen = "the training loss moves";
        scores.weigh(DiagnosisEvidence.LOSS_MOVES, OPTIMIZER_NOT_STEPPING, seen);
        scores.weigh(DiagnosisEvidence.LOSS_MOVES, DYING_RELU, seen);
        scores.weigh(DiagnosisEvidence.LOSS_MOVES, UNSCALED_INPUTS, seen);
        double share = run.epochs().share(run.epochs().validationAccuracy().medianOfLast(1));
        if (Double.isNaN(share)) {
            share = run.epochs().share(run.epochs().trainAccuracy().medianOfLast(1));
        }
        if (Double.isNaN(share)) {
            return;
        }
        String stands = "the loss moves and the accuracy stands at " + NumberText.percent(share);
        if (share > COIN) {
            scores.weigh(
                    DiagnosisEvidence.STANDS_AT_MAJORITY,
                    CLASS_IMBALANCE,
                    stands + ", perhaps the share of the most frequent class");
        } else {
            scores.weigh(DiagnosisEvidence.STANDS_BELOW_MAJORITY, NOISY_OR_UNINFORMATIVE_DATA, stands);
            scores.weigh(
                    DiagnosisEvidence.STANDS_BELOW_MAJORITY,
                    CLASS_IMBALANCE,
                    "no class has so large a share that answering it would pay");
        }
    }
}
