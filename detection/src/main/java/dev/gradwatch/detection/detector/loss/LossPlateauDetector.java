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
import dev.gradwatch.detection.detector.RequiredField;
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.detector.TypicalLearningRate;
import dev.gradwatch.detection.event.Profile;
import dev.gradwatch.detection.event.RunStarted;
import dev.gradwatch.detection.state.LossCurve;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.statistics.Blocks;
import dev.gradwatch.detection.statistics.Persistence;

/**
 * The training loss does not fall, or no longer.
 *
 * <p><i>Never learned</i>: the last fifth of the run is not 3 % below its first fifth. Patience grows with doubt: where a gain of 1 % is
 * excluded with certainty it must hold while the run grows by a tenth, at 3 % by a half, and where noise leaves doubt by the whole
 * length. <i>Stopped</i>: less than 2 % over the last 45 % of the run, or the last half within 0.3 %, while the loss had not yet fallen by
 * half and the learning rate is not annealed. After more than that it is convergence: a note, as it is for losses at or below zero, whose level says nothing.
 *
 * <p><i>At chance</i>: where classes are known, no epoch of four or more has brought the loss below 0.98 times what guessing costs.
 *
 * <p>Nothing is stuck while the training or the validation loss still falls beyond its noise, and the alert ends as soon as the loss is 2 %
 * below the level at which it opened. A rising loss is another story, and, before anything was learned, so is a rising learning rate (warm-up). Every window is a share of the run. Source: label rule and
 * limits measured on recorded runs; ablations show that persistence and standard errors remove four of five false alarms.
 *
 * <p>Known false alarms: slow honest fine-tuning (5 % in thousands of steps); known misses: short runs with noise of 5 % or more, and runs
 * of fewer than 100 records without epochs.
 */
public final class LossPlateauDetector implements Detector {

    public static final String ID = "loss-plateau";

    private static final Parameter STANDARD_ERRORS = new Parameter(
            "standard-errors", 2, 0, 10, "standard errors", "Certainty behind the first fifth against the last.");
    private static final Parameter FLAT = new Parameter(
            "flat", 0.03, 0.0001, 0.5, "share of the level", "A gain below this, first fifth to last, is no learning.");
    private static final Parameter FLAT_HARD = new Parameter(
            "flat-hard", 0.01, 0.0001, 0.5, "share of the level", "The same when it needs hardly any patience.");
    private static final Parameter FLAT_LATE = new Parameter(
            "flat-late", 0.02, 0.0001, 0.5, "share of the level", "A fall below this over the late part has stopped.");
    private static final Parameter LATE_SHARE =
            new Parameter("late-share", 0.45, 0.1, 0.9, "share of the run", "The late part.");
    private static final Parameter FLAT_DEAD = new Parameter(
            "flat-dead", 0.003, 0.00001, 0.5, "share of the level", "A half of the run within this is dead flat.");
    private static final Parameter CONVERGED = new Parameter(
            "converged", 0.5, 0, 1, "share of the start loss", "Flat after more improvement than this is convergence.");
    private static final Parameter ANNEALED = new Parameter(
            "annealed", 0.1, 0, 1, "share of the peak rate", "Below this learning rate flattening is planned.");
    private static final Parameter PLAN_SHARE = new Parameter(
            "plan-share",
            0.1,
            0,
            1,
            "share of the plan",
            "Before this share of the planned steps nothing is called stuck, where no epochs are planned.");
    private static final Parameter LEAST_STEPS =
            new Parameter("least-steps", 20, 6, 1e6, "records", "Step losses before a trend can be told.");
    private static final Parameter LEAST_EPOCHS =
            new Parameter("least-epochs", 10, 6, 1e6, "records", "Epoch losses before a trend can be told.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Loss plateau")
            .summary(
                    "The training loss never fell, or stopped falling long before it was low. Flat after good convergence is a note.")
            .severities(Severity.INFO, Severity.WARNING)
            .onTrend()
            .about(
                    Subject.LEARNING,
                    SymptomTrait.LITTLE_PROGRESS,
                    SymptomTrait.FLAT_LOSS,
                    SymptomTrait.OUTPUT_MISMATCH_POSSIBLE)
            .suggests(CauseCode.LEARNING_RATE_TOO_LOW, 0.35)
            .suggests(CauseCode.NOISY_OR_UNINFORMATIVE_DATA, 0.25)
            .suggests(CauseCode.INSUFFICIENT_CAPACITY, 0.1)
            .suggests(CauseCode.SADDLE_POINT, 0.1)
            .helpedBy(
                    HelpfulEvidence.LAYER_NORMS,
                    HelpfulEvidence.UPDATE_NORMS,
                    HelpfulEvidence.LEARNING_RATE,
                    HelpfulEvidence.LOSS_AND_CLASSES)
            .needs(RequiredField.PLANNED_LENGTH)
            .parameters(
                    STANDARD_ERRORS,
                    FLAT,
                    FLAT_HARD,
                    FLAT_LATE,
                    LATE_SHARE,
                    FLAT_DEAD,
                    CONVERGED,
                    ANNEALED,
                    PLAN_SHARE,
                    LEAST_STEPS,
                    LEAST_EPOCHS)
            .affecting(FaultEffect.of(FaultEffect.Kind.HINDERS_LEARNING))
            .build();

    private static final Persistence HARD = new Persistence(0.1, 2);
    private static final Persistence STUCK = new Persistence(0.5, 5);
    private static final Persistence NOISY = new Persistence(1.0, 5);
    private static final Persistence LATE = new Persistence(0.6, 5);
    private static final Persistence DEAD = new Persistence(0.5, 5);

    /** Where each persistence has its slots in the memory. */
    private static final int HARD_AT = 0;

    private static final int STUCK_AT = HARD_AT + Persistence.SLOTS;
    private static final int NOISY_AT = STUCK_AT + Persistence.SLOTS;
    private static final int LATE_AT = NOISY_AT + Persistence.SLOTS;
    private static final int DEAD_AT = LATE_AT + Persistence.SLOTS;
    private static final int OPENED_LEVEL = DEAD_AT + Persistence.SLOTS;
    private static final int RESOLVED_AT = OPENED_LEVEL + 1;
    private static final int SLOTS = RESOLVED_AT + 1;

    /** After a run has shown that it learns, it must double its length before it is called stuck again. */
    private static final double AGAIN = 2;

    /** Epochs after which no plan excuses a flat loss. Set by eye on recorded runs. */
    private static final double MOST_EPOCHS = 10;

    /** Epochs that any plan may take before a flat loss counts. Set by eye on recorded runs. */
    private static final double LEAST_PLANNED_EPOCHS = 4;

    /**
     * How far below the typical learning rate a rate explains a flat loss by itself: a factor of 50 is more than
     * range tests leave open. Set by eye on recorded runs.
     */
    private static final double FAR_BELOW = 50;

    /** Losses; with fewer the blocks say nothing of a trend. */
    private static final int LEAST_RECORDS = 8;

    /** Optimizer steps that a loss may stand at the start. Set by eye on recorded runs. */
    private static final int LEAST_OPTIMIZER_STEPS = 50;

    /**
     * Share of the level that the newer half must lose to count as falling. Steps see few of the data and may fall slowly for long; an epoch
     * has seen all of them, and 3 % of several epochs is no learning. Measured on recorded runs.
     */
    private static final double STEPS_FALL = 0.005;

    private static final double EPOCHS_FALL = 0.03;

    /** The same of the validation loss, which is measured on the same samples each time and has little noise. */
    private static final double VALIDATION_FALL = 0.002;

    /** Epochs before a loss at chance is told where no plan says how many to wait. */
    private static final int CHANCE_EPOCHS = 4;

    /** x the loss of guessing: below the first something is learned, above the second it is a divergence. */
    private static final double BELOW_CHANCE = 0.98;

    private static final double ABOVE_CHANCE = 1.5;

    /** Evaluations before their trend says anything. */
    private static final int LEAST_EVALUATIONS = 6;

    /** Step losses before flatness is told where no epoch is known: sound pre-training runs stay within 1 % for up to 60 records. */
    private static final int LEAST_UNKNOWN = 100;

    /** Optimizer steps before it is told where each is logged and no epoch is known: warm-ups take a hundred and more. */
    private static final int LEAST_DENSE = 128;

    private final FallingTrend trend = new FallingTrend();
    private final double standardErrors;
    private final double flat;
    private final double flatHard;
    private final double flatLate;
    private final double lateShare;
    private final double flatDead;
    private final double converged;
    private final double annealed;
    private final double planShare;
    private final double leastSteps;
    private final double leastEpochs;

    public LossPlateauDetector(DetectorSettings settings) {
        standardErrors = settings.get(ID, STANDARD_ERRORS);
        flat = settings.get(ID, FLAT);
        flatHard = settings.get(ID, FLAT_HARD);
        flatLate = settings.get(ID, FLAT_LATE);
        lateShare = settings.get(ID, LATE_SHARE);
        flatDead = settings.get(ID, FLAT_DEAD);
        converged = settings.get(ID, CONVERGED);
        annealed = settings.get(ID, ANNEALED);
        planShare = settings.get(ID, PLAN_SHARE);
        leastSteps = settings.get(ID, LEAST_STEPS);
        leastEpochs = settings.get(ID, LEAST_EPOCHS);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return SLOTS;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        LossCurve loss = run.loss();
        if (!now.trainBlockCompleted() || loss.blocks().size() < LossLevels.LEAST_BLOCKS || isTooEarly(run)) {
            return;
        }
        Blocks blocks = loss.blocks();
        int n = blocks.size();
        int fifth = Math.max(2, n / 5);
        double noise = blocks.noise();
        double first = blocks.mean(1, 1 + fifth);
        double last = blocks.mean(n - fifth, n);
        double error = standardErrors * noise * Math.sqrt(2.0 / fifth);
        double level = Math.abs(last) + 1e-12;
        double gain = Math.min(first, loss.start()) - last;
        boolean weak = first - last < 2 * flat * level;
        boolean calm = !reporter.isSuspected(LossDivergenceDetector.ID)
                && !run.learningRate().rising()
                && first - last > -2 * flat * level - error
                && !trend.rises(blocks, n, flatHard)
                && weak;
        boolean open = reporter.isPaging(ID);
        if (open && hasFallenSince(memory, blocks, noise)) {
            startAnew(memory, loss.size());
            reporter.clears();
            return;
        }
        boolean again = loss.size() < AGAIN * memory[RESOLVED_AT];
        boolean judged = hasWaited(run) && !again && (open || !stillFalls(run));
        boolean counts = judged || isRateLow(run);
        boolean patient = counts && loss.size() >= (loss.ofSteps() ? leastSteps : leastEpochs);

        long size = loss.size();
        boolean hard = HARD.update(memory, HARD_AT, counts && calm && gain + error < flatHard * level, weak, size);
        boolean stuck = STUCK.update(memory, STUCK_AT, patient && calm && gain + error < flat * level, weak, size);
        boolean noisy = NOISY.update(memory, NOISY_AT, patient && calm && gain < flat * level, weak, size);
        boolean late = lateIsFlat(blocks, level, noise, patient, memory, size);
        boolean dead = deadIsFlat(blocks, level, patient, memory, size);
        if (!reporter.isPaging(ID) && reporter.isExplained()) {
            startAnew(memory, memory[RESOLVED_AT]);
            return;
        }
        boolean poor = loss.start() - last < converged * Math.abs(loss.start());
        // What was learned within the first tenths of a long run was learned all the same.
        boolean little = last > 0 ? poor : loss.start() - last < 2 * flat * level;
        boolean chance = isAtChance(run);
        boolean never = (judged && little && (hard || stuck || noisy)) || chance;
        boolean slow = run.profile() == Profile.LANGUAGE_MODEL;
        // A loss at or below zero has no level to be poor at.
        boolean stopped = judged
                && last > 0
                && poor
                && (dead || (late && !slow))
                && !trend.rises(blocks, n, flatHard)
                && !run.learningRate().annealedBelow(annealed);
        if (never || stopped) {
            memory[OPENED_LEVEL] = open ? memory[OPENED_LEVEL] : last;
            if (reporter.fires(Severity.WARNING)) {
                reporter.report(chance ? chanceMessage(run) : message(loss, never, first, last, fifth));
            }
        } else if (late && judged) {
            if (reporter.notes()) {
                reporter.report(AlertMessage.of("The training loss has settled at " + NumberText.number(last) + ", "
                                + NumberText.percent((loss.start() - last) / Math.abs(loss.start()))
                                + " below its start: it has converged.")
                        .with("observed", last, "loss")
                        .with("start", loss.start(), "loss"));
            }
        } else if (!reporter.isPaging(ID) || !dead) {
            reporter.clears();
        }
    }

    private static boolean isTooEarly(RunState run) {
        LossCurve loss = run.loss();
        long steps = run.progress().stepsDone();
        if (loss.size() < LEAST_RECORDS) {
            return true;
        }
        if (!loss.ofSteps()) {
            return false;
        }
        if (run.progress().epoch() == null) {
            int least = LossSpikeDetector.isDense(run) ? LEAST_DENSE : LEAST_UNKNOWN;
            return loss.size() < least;
        }
        return steps >= 0 && steps < LEAST_OPTIMIZER_STEPS;
    }

    /**
     * Where the planned length is known, nothing is called stuck before ten epochs, or half of a shorter plan (four epochs at least), or before a
     * tenth of the planned steps where no epochs are planned: many sound runs are flat at first.
     */
    private boolean hasWaited(RunState run) {
        RunStarted registration = run.registration();
        Double epoch = run.progress().epoch();
        if (registration == null) {
            return true;
        }
        if (registration.plannedEpochs() != null && epoch != null) {
            return epoch >= Math.min(MOST_EPOCHS, Math.max(LEAST_PLANNED_EPOCHS, registration.plannedEpochs() / 2.0));
        }
        return registration.plannedSteps() == null
                || run.progress().stepsDone() >= registration.plannedSteps() * planShare;
    }

    /** Since the alert opened: the level fell by as much as counts as not stopped, and by more than noise explains. */
    private boolean hasFallenSince(double[] memory, Blocks blocks, double noise) {
        int n = blocks.size();
        int width = Math.max(2, n / 10);
        double level = blocks.mean(n - width, n);
        double error = standardErrors * noise * Math.sqrt(2.0 / width);
        return memory[OPENED_LEVEL] - level > Math.max(flatLate * Math.abs(level), error);
    }

    private static void startAnew(double[] memory, double resolvedAt) {
        for (int at = 0; at < OPENED_LEVEL; at += Persistence.SLOTS) {
            Persistence.reset(memory, at);
        }
        memory[RESOLVED_AT] = resolvedAt;
    }

    /** A fall beyond the noise, of the training or the validation loss: then nothing is stuck, however slowly it goes. */
    private boolean stillFalls(RunState run) {
        Blocks train = run.loss().blocks();
        Blocks validation = run.validation().blocks();
        return trend.falls(train, train.size() / 2, run.loss().ofSteps() ? STEPS_FALL : EPOCHS_FALL)
                || trend.falls(validation, Math.max(LEAST_EVALUATIONS, validation.size() / 2), VALIDATION_FALL);
    }

    /** Then flatness has an explanation from the first step on, and its duration counts from there. */
    private static boolean isRateLow(RunState run) {
        return TypicalLearningRate.rateOf(run) * FAR_BELOW
                < TypicalLearningRate.of(run.registration()).typical();
    }

    private boolean lateIsFlat(Blocks blocks, double level, double noise, boolean patient, double[] memory, long size) {
        int n = blocks.size();
        int window = Math.max(5, (int) (lateShare * n));
        int half = window / 2;
        double drop = 2 * (blocks.mean(n - window, n - window + half) - blocks.mean(n - half, n));
        double error = 2 * noise * Math.sqrt(2.0 / half);
        boolean isFlat = patient && drop + error < flatLate * level && drop > -2 * flat * level - error;
        return LATE.update(memory, LATE_AT, isFlat, drop < 2 * flat * level, size);
    }

    private boolean deadIsFlat(Blocks blocks, double level, boolean patient, double[] memory, long size) {
        int window = Math.max(5, blocks.size() / 2);
        return DEAD.update(memory, DEAD_AT, patient && blocks.range(window) < flatDead * level, false, size);
    }

    /**
     * Where classes are known, a loss that no epoch brought below what guessing costs is evidence by itself, however it moves. Not
     * while the validation loss says that something is learned.
     */
    private boolean isAtChance(RunState run) {
        double chance = run.chanceLoss();
        return run.epochs().count() >= CHANCE_EPOCHS
                && run.epochs().lowestTrainLoss() > BELOW_CHANCE * chance
                && run.loss().level() < ABOVE_CHANCE * chance
                && hasWaited(run)
                && !(run.validation().evaluations() >= LEAST_EVALUATIONS
                        && trend.falls(run.validation().blocks(), LEAST_EVALUATIONS, VALIDATION_FALL));
    }

    private static AlertMessage chanceMessage(RunState run) {
        double lowest = run.epochs().lowestTrainLoss();
        return AlertMessage.of("No epoch has brought the training loss below what guessing among "
                        + run.registration().classes() + " classes costs (" + NumberText.number(run.chanceLoss())
                        + "): its best was " + NumberText.number(lowest) + ".")
                .with("observed", lowest, "loss")
                .with("threshold", BELOW_CHANCE * run.chanceLoss(), "loss")
                .with("window", run.epochs().count(), "epochs")
                .with("start", run.loss().start(), "loss");
    }

    private AlertMessage message(LossCurve loss, boolean never, double first, double last, int fifth) {
        String seen = never
                ? "The training loss has not fallen: " + NumberText.number(first) + " in the first fifth of the run, "
                        + NumberText.number(last) + " in the last."
                : "The training loss stopped falling at " + NumberText.number(last) + ", only "
                        + NumberText.percent((loss.start() - last) / Math.abs(loss.start())) + " below its start.";
        return AlertMessage.of(seen)
                .with("observed", last, "loss")
                .with("threshold", first - flat * Math.abs(last), "loss")
                .with("window", fifth, "blocks")
                .with("start", loss.start(), "loss");
    }
}
