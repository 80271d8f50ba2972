package dev.gradwatch.detection.detector.loss;

import dev.gradwatch.detection.alert.CauseCode;
import dev.gradwatch.detection.alert.NumberText;
import dev.gradwatch.detection.alert.Recovery;
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
import dev.gradwatch.detection.detector.update.FrozenUpdatesDetector;
import dev.gradwatch.detection.state.LossCurve;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.statistics.Persistence;
import dev.gradwatch.detection.statistics.Ring;

/**
 * The training loss rises and stays up.
 *
 * <p>Rule: the level (median over a tenth of the run) stands above the lowest level of the run with certainty, and either above the start and
 * 1.1 x the lowest (critical), or at 2 x the lowest, or at 1.25 x with a quarter of all that was gained lost (warning). Held while the
 * run grows by 10 to 15 %. Where every optimizer step is logged, two of five losses above 10 x the first one within the
 * first 32 steps are a blow-up at once (above 3 ln K where K classes are known and the first loss was near ln K): the mean of that epoch may well fall afterwards and look like learning.
 *
 * <p>Source: label rule and limits measured on recorded runs. Known false alarms: adversarial and reinforcement losses, which are not
 * meant to fall. Where the lowest level is at or below zero only a rise above the start counts, by a tenth of what had been gained.
 */
public final class LossDivergenceDetector implements Detector {

    public static final String ID = "loss-divergence";

    private static final Parameter STANDARD_ERRORS = new Parameter(
            "standard-errors", 2, 0, 10, "standard errors", "Certainty behind every statement about a level.");
    private static final Parameter RISE = new Parameter(
            "rise", 1.25, 1.01, 100, "x the lowest level", "A rise that counts when enough of the gain is lost.");
    private static final Parameter LOST =
            new Parameter("lost", 0.25, 0.01, 1, "share of the gain", "How much of the gain must be lost for that.");
    private static final Parameter RISE_ABOVE_START = new Parameter(
            "rise-above-start",
            1.1,
            1.01,
            100,
            "x the lowest level",
            "A rise that counts when it ends above the start.");
    private static final Parameter BLOW_UP = new Parameter(
            "blow-up", 10, 2, 1e6, "x the smallest first loss", "Two of five first losses above this have blown up.");
    private static final Parameter WARM_UP_STEPS = new Parameter(
            "warm-up-steps",
            128,
            0,
            1e6,
            "steps",
            "Within these first steps only a blow-up counts, where each step is logged and no epoch is known.");
    private static final Parameter LEAST_STEPS =
            new Parameter("least-steps", 40, 1, 1e6, "records", "Step losses before a rise can be told.");
    private static final Parameter LEAST_EPOCHS =
            new Parameter("least-epochs", 5, 1, 1e6, "records", "Epoch losses before a rise can be told.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Loss divergence")
            .summary(
                    "The training loss has risen far above its lowest level and stays there, or blew up in the first steps.")
            .severities(Severity.WARNING, Severity.CRITICAL)
            .onTrend()
            .about(Subject.LEARNING, SymptomTrait.LOSS_RISE, SymptomTrait.GRADIENT_SCALE)
            .suggests(CauseCode.LEARNING_RATE_TOO_HIGH, 0.6)
            .suggests(CauseCode.UNSTABLE_GRADIENTS, 0.2)
            .helpedBy(
                    HelpfulEvidence.LAYER_NORMS,
                    HelpfulEvidence.UPDATE_NORMS,
                    HelpfulEvidence.LEARNING_RATE,
                    HelpfulEvidence.LOSS_AND_CLASSES)
            .mayRecommendStop()
            .parameters(
                    STANDARD_ERRORS, RISE, LOST, RISE_ABOVE_START, BLOW_UP, WARM_UP_STEPS, LEAST_STEPS, LEAST_EPOCHS)
            .affecting(FaultEffect.of(FaultEffect.Kind.DAMAGES_WEIGHTS)
                    .goingBackTo(run -> run.progress().bestStep(), Recovery.Reason.LOWEST_LOSS))
            .build();

    private static final Persistence ABOVE = new Persistence(0.1, 4);
    private static final Persistence ANY = new Persistence(0.15, 5);

    /** Where each persistence has its slots in the memory. */
    private static final int ABOVE_AT = 0;

    private static final int ANY_AT = Persistence.SLOTS;
    private static final int PLAIN_FLOOR = 2 * Persistence.SLOTS;

    /** Epochs before a plain rise is told: three that rise, and two that say what they rise from. */
    private static final int PLAIN_EPOCHS = 5;

    /** A loss at three times its first value, and never near it since, has left it. */
    private static final double NEVER_AGAIN = 3;

    /** x the highest: a loss that has come down this far is on its way back, as good runs with a wild start are. */
    private static final double COMING_BACK = 0.7;

    /** Multiple of the lowest level, deviations of the noise above it and share of the gain lost that need no more patience. */
    private static final double PLAIN_RISE = 2;

    private static final double PLAIN_DEVIATIONS = 8;
    private static final double PLAIN_LOSS = 0.2;

    /** Share of the start's size by which a loss below zero must rise above it: rewards and scores drift by a tenth or two. */
    private static final double BELOW_ZERO = 0.5;

    /** At this multiple of the start a loss is lost, however much its noise has grown. */
    private static final double FAR_ABOVE_START = 2;

    /** Standard errors added because the lowest of many levels is low by chance. Set by eye on recorded runs. */
    private static final double CHOSEN = 0.5;

    /**
     * Standard errors added where every optimizer step is logged: its loss is that of one batch. Set by eye on
     * recorded runs.
     */
    private static final double BATCH_NOISE = 2;

    /** Step losses in which a blow-up is looked for. Set by eye on recorded runs. */
    private static final int FIRST_STEPS = 32;

    /** Multiple of the chance loss below which a first loss is plausible: initializations vary by less. */
    private static final double BEGAN_WELL = 1.5;

    /**
     * Multiple of the chance loss that no classifier needs to pay after a plausible start. Set by eye on recorded
     * runs.
     */
    private static final double ABOVE_CHANCE = 3;

    private final double standardErrors;
    private final double rise;
    private final double lost;
    private final double riseAboveStart;
    private final double blowUp;
    private final double warmUpSteps;
    private final double leastSteps;
    private final double leastEpochs;

    public LossDivergenceDetector(DetectorSettings settings) {
        standardErrors = settings.get(ID, STANDARD_ERRORS);
        rise = settings.get(ID, RISE);
        lost = settings.get(ID, LOST);
        riseAboveStart = settings.get(ID, RISE_ABOVE_START);
        blowUp = settings.get(ID, BLOW_UP);
        warmUpSteps = settings.get(ID, WARM_UP_STEPS);
        leastSteps = settings.get(ID, LEAST_STEPS);
        leastEpochs = settings.get(ID, LEAST_EPOCHS);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return PLAIN_FLOOR + 1;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (!now.trainLossArrived()) {
            return;
        }
        boolean early = run.loss().ofSteps() && run.loss().size() < FIRST_STEPS;
        if (early && LossSpikeDetector.isDense(run)) {
            examineStart(run, now.trainLoss(), reporter);
        }
        if (isPlain(run, memory)) {
            sayPlain(run, reporter);
        } else if (now.trainBlockCompleted() && run.loss().blocks().size() >= LossLevels.LEAST_BLOCKS) {
            examineTrend(run, early, memory, reporter);
        }
    }

    /**
     * Certainty from the size of the effect: a few epochs suffice where the loss is a multiple of what it was. Either it has never been near its
     * first value again, or the newest three all stand at twice the lowest level, far outside the noise, with a fifth of the gain lost.
     */
    private boolean isPlain(RunState run, double[] memory) {
        LossCurve loss = run.loss();
        Ring recent = loss.recent();
        if (loss.ofSteps() || recent.size() < PLAIN_EPOCHS || loss.blocks().size() < PLAIN_EPOCHS) {
            return false;
        }
        double floor = memory[PLAIN_FLOOR];
        if (floor > 0) {
            memory[PLAIN_FLOOR] = loss.level() > rise * floor ? floor : 0;
            return memory[PLAIN_FLOOR] > 0;
        }
        memory[PLAIN_FLOOR] = plainFloor(loss, recent);
        return memory[PLAIN_FLOOR] > 0;
    }

    /** The level that the loss has plainly left; 0 when it has not. */
    private static double plainFloor(LossCurve loss, Ring recent) {
        double first = loss.first();
        boolean all = recent.size() == loss.size();
        boolean comesBack = recent.ago(0) < COMING_BACK * recent.max();
        if (all && first > 0 && recent.minOfLast(recent.size() - 1) > NEVER_AGAIN * first && !comesBack) {
            return first;
        }
        double low = LossLevels.of(loss).low();
        double newest = recent.minOfLast(3);
        double noise = loss.blocks().noiseAroundTrend(loss.blocks().size());
        boolean plain = low > 0
                && newest > PLAIN_RISE * low
                && newest - low > PLAIN_DEVIATIONS * noise
                && recent.ago(0) - low > PLAIN_LOSS * (loss.start() - low);
        return plain ? low : 0;
    }

    private void sayPlain(RunState run, FindingReporter reporter) {
        LossCurve loss = run.loss();
        double low = Math.min(loss.lowest(), loss.first());
        boolean above = loss.level() > riseAboveStart * loss.start();
        if (reporter.fires(above ? Severity.CRITICAL : Severity.WARNING)) {
            reporter.report(AlertMessage.of("The training loss rose from " + NumberText.number(low) + " to "
                            + NumberText.number(loss.level()) + ", far more than its noise.")
                    .with("observed", loss.level(), "loss")
                    .with("threshold", rise * low, "loss")
                    .with("window", 3, "epochs")
                    .with("best", low, "loss")
                    .with("start", loss.start(), "loss"));
        }
    }

    private void examineStart(RunState run, double value, FindingReporter reporter) {
        double limit = blowUpLevel(run);
        int above = 0;
        for (int age = 0; age < Math.min(5, run.loss().recent().size()); age++) {
            above += run.loss().recent().ago(age) > limit ? 1 : 0;
        }
        if (above >= 2 && reporter.fires(Severity.CRITICAL)) {
            reporter.report(AlertMessage.of("The loss blew up in the first steps: from "
                            + NumberText.number(run.loss().smallestOfFirst()) + " to " + NumberText.number(value) + ".")
                    .with("observed", value, "loss")
                    .with("threshold", limit, "loss")
                    .with("window", 5, "steps"));
        }
    }

    /**
     * The loss that no sound run reaches in its first steps: a multiple of the first loss, which no update has touched, or of the smallest of the first
     * three if that is larger; where classes are known, three times the loss of a uniform guess, or that multiple if it is larger and the first
     * loss was not as it should be. Infinite for losses at or below zero, and where weights or their scale come from elsewhere.
     */
    private double blowUpLevel(RunState run) {
        double first = Math.max(run.loss().first(), run.loss().smallestOfFirst());
        boolean isResumed = run.registration() != null && run.registration().resumed();
        if (!(run.loss().smallestOfFirst() > 0) || isResumed) {
            return Double.POSITIVE_INFINITY;
        }
        double chance = run.chanceLoss();
        if (Double.isNaN(chance)) {
            return blowUp * first;
        }
        boolean beganWell = run.loss().first() < BEGAN_WELL * chance;
        return beganWell ? ABOVE_CHANCE * chance : Math.max(blowUp * first, ABOVE_CHANCE * chance);
    }

    /** After a blow-up the loss may well fall for long and look like learning; it is over when the loss is near its start again. */
    private boolean isBlownUp(RunState run) {
        return run.loss().ofSteps() && run.loss().level() > blowUpLevel(run);
    }

    /** Within the first steps nearly every schedule warms up, and losses swing by several times their level. */
    private boolean isWarmingUp(RunState run) {
        return LossSpikeDetector.isDense(run)
                && run.progress().epoch() == null
                && run.progress().stepsDone() < warmUpSteps;
    }

    private void examineTrend(RunState run, boolean early, double[] memory, FindingReporter reporter) {
        LossCurve loss = run.loss();
        LossLevels levels = LossLevels.of(loss);
        double now = levels.now();
        double low = levels.low();
        double start = levels.start();
        boolean sure = levels.hasRisen(standardErrors);
        // Ratios mean nothing at or below zero; there a rise is measured by what had been gained.
        boolean positive = low > 0;
        boolean above = sure
                && now > start
                && (positive
                        ? now >= riseAboveStart * low
                        : now - start > Math.max((riseAboveStart - 1) * (start - low), BELOW_ZERO * Math.abs(start)));
        boolean gainLost = sure
                && positive
                && ((now >= 2 * low && now - low > 0.1 * (start - low))
                        || (now >= rise * low && now - low >= lost * (start - low)));
        // The lowest of many levels is low by chance too; firing allows for that, holding others back does not.
        // Weights that do not move cannot diverge: what rises then is noise.
        boolean dense = LossSpikeDetector.isDense(run);
        boolean certain = levels.hasRisen(standardErrors + (dense ? BATCH_NOISE : CHOSEN))
                && (!dense || levels.hasLeftValley(standardErrors))
                && !reporter.isPaging(FrozenUpdatesDetector.ID);
        boolean still = (sure && (positive ? now > riseAboveStart * low : now > start))
                || (positive && now > FAR_ABOVE_START * start);
        long n = loss.size();
        boolean far = above && (!positive || gainLost || now > riseAboveStart * start);
        if (above || gainLost || (sure && !positive && now > start)) {
            reporter.suspects();
        }
        boolean visible = !isWarmingUp(run) || now > blowUp * start;
        boolean aboveHeld = ABOVE.update(memory, ABOVE_AT, certain && far && visible, still, n);
        boolean anyHeld = ANY.update(memory, ANY_AT, certain && (above || gainLost) && visible, still, n);
        if (n >= (loss.ofSteps() ? leastSteps : leastEpochs) && (aboveHeld || anyHeld)) {
            if (reporter.fires(
                    above && (!positive || now > riseAboveStart * start) ? Severity.CRITICAL : Severity.WARNING)) {
                String where =
                        above ? ", above where it started (" + NumberText.number(start) + ")." : " and stays up.";
                reporter.report(AlertMessage.of("The training loss rose from " + NumberText.number(low)
                                + " at its best to " + NumberText.number(now) + where)
                        .with("observed", now, "loss")
                        .with("threshold", (above ? riseAboveStart : rise) * low, "loss")
                        .with("window", levels.width(), "blocks")
                        .with("best", low, "loss")
                        .with("start", start, "loss"));
            }
        } else if (!early && !isBlownUp(run)) {
            reporter.clears();
        }
    }
}
