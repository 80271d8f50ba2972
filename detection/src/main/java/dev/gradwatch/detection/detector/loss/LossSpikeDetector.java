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
import dev.gradwatch.detection.detector.Subject;
import dev.gradwatch.detection.detector.SymptomTrait;
import dev.gradwatch.detection.state.LossCurve;
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.statistics.Ring;

/**
 * The loss jumps and comes back.
 *
 * <p>Rule for the training loss: above 2 x the median of the ten records before, by more than 8 robust deviations, and by more than half of
 * the largest excursion of the last 128 to 256 records: a noisy run has had such jumps before. Where every optimizer step is logged, single
 * batches jump by nature: there a spike must be twice the largest earlier excursion and a fifth of the run's range, and come twice
 * within five records, or reach 10 x and stand above the start loss; else it is a note. Validation loss: 3 x, and above all of the last 32. Losses at or below zero have no
 * ratio and are left alone.
 *
 * <p>Source: label rule and limits measured on recorded runs; z-scores on the same runs accuse nine of ten healthy ones. Known false
 * alarms: batches of four samples.
 */
public final class LossSpikeDetector implements Detector {

    public static final String ID = "loss-spike";

    private static final Parameter RATIO = new Parameter(
            "ratio", 2, 1.1, 1000, "x the median", "A spike stands this far above the ten records before.");
    private static final Parameter DEVIATIONS = new Parameter(
            "deviations", 8, 1, 1000, "robust deviations", "And this many deviations of those ten above their median.");
    private static final Parameter OVER = new Parameter(
            "over", 0.5, 0, 100, "x the largest excursion", "And this far above earlier excursions of the run.");
    private static final Parameter STEP_OVER = new Parameter(
            "step-over",
            2,
            0,
            100,
            "x the largest excursion",
            "The same of losses of steps, which may be single batches.");
    private static final Parameter STEP_RANGE = new Parameter(
            "step-range",
            0.2,
            0,
            10,
            "share of the run's range",
            "There, a spike must also be visible at the run's scale.");
    private static final Parameter GAIN_LOST = new Parameter(
            "gain-lost",
            0.2,
            0,
            10,
            "share of the gain",
            "A spike of a loss that is a mean over many batches is a note when it costs less of what was gained.");
    private static final Parameter VALIDATION_RATIO = new Parameter(
            "validation-ratio", 3, 1.1, 1000, "x the median", "A spike of the validation loss stands this far above.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Loss spike")
            .summary("The loss jumps far above its recent values, further than the run's own noise explains.")
            .severities(Severity.INFO, Severity.WARNING)
            .onTrend()
            .about(Subject.LEARNING, SymptomTrait.LOSS_JUMP, SymptomTrait.SUDDEN, SymptomTrait.NOISY_STEPS)
            .suggests(CauseCode.CORRUPT_BATCH, 0.4)
            .suggests(CauseCode.UNSTABLE_GRADIENTS, 0.3)
            .suggests(CauseCode.LEARNING_RATE_TOO_HIGH, 0.15)
            .diagnosedOnce()
            .parameters(RATIO, DEVIATIONS, OVER, STEP_OVER, STEP_RANGE, GAIN_LOST, VALIDATION_RATIO)
            .affecting(FaultEffect.of(FaultEffect.Kind.MAY_PASS))
            .build();

    /** Slots of the memory: the count of losses at the newest spike, and the number of spikes. */
    private static final int LAST_SPIKE = 0;

    private static final int SPIKES = 1;

    /** Whether an epoch has blown up, and whether one was as usual since. */
    private static final int ABSURD_STATE = 2;

    private static final double BLOWN_UP = 1;
    private static final double BACK_AGAIN = 2;

    /** From this many spikes on they are one story: the alert stays open until the run was quiet for long. */
    private static final int REPEATED = 3;

    /** Records without a spike before it is over, at least. Set by eye on recorded runs. */
    private static final int QUIET_RECORDS = 32;

    /** Share of the run without a spike before it is over. Set by eye on recorded runs. */
    private static final double QUIET_SHARE = 0.1;

    /** Losses that must be known before one can stand out: a median of ten needs most of them. */
    private static final int KNOWN = 8;

    /** Earlier excursions that must be known before the largest of them is a measure. Measured on recorded runs. */
    private static final int EXCURSIONS = 6;

    /** The same where every step is logged: losses of single batches vary more. Measured on recorded runs. */
    private static final int STEP_EXCURSIONS = 24;

    /** Records within which a second spike is a repetition. Measured on recorded runs. */
    private static final int AGAIN = 5;

    /** Multiple of the median below which the loss is back. Measured on recorded runs. */
    private static final double RECOVERED = 1.5;

    /**
     * Multiple of the median at which one spike of a single batch is worth a warning. Measured on recorded runs.
     */
    private static final double HUGE = 10;

    /** Twice what counts as huge of a batch: a mean over an epoch is far steadier. */
    private static final double ABSURD = 20;

    private final double ratio;
    private final double deviations;
    private final double over;
    private final double stepOver;
    private final double stepRange;
    private final double gainLost;
    private final double validationRatio;

    public LossSpikeDetector(DetectorSettings settings) {
        ratio = settings.get(ID, RATIO);
        deviations = settings.get(ID, DEVIATIONS);
        over = settings.get(ID, OVER);
        stepOver = settings.get(ID, STEP_OVER);
        stepRange = settings.get(ID, STEP_RANGE);
        gainLost = settings.get(ID, GAIN_LOST);
        validationRatio = settings.get(ID, VALIDATION_RATIO);
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public int memorySlots() {
        return 3;
    }

    @Override
    public void examine(RunState run, Observation now, double[] memory, FindingReporter reporter) {
        if (now.trainLossArrived()) {
            examineTraining(run, now.trainLoss(), memory, reporter);
        }
        if (now.validationLossArrived()) {
            examineValidation(run, now.epoch().validationLoss(), memory, reporter);
        }
    }

    /** Whether nearly every optimizer step is logged, so that a record is one batch and not a mean over many. */
    static boolean isDense(RunState run) {
        return run.logsEachStep();
    }

    private void examineTraining(RunState run, double value, double[] memory, FindingReporter reporter) {
        LossCurve loss = run.loss();
        if (isAbsurd(loss, value)) {
            memory[LAST_SPIKE] = loss.size();
            memory[SPIKES]++;
            boolean recurs = memory[ABSURD_STATE] == BACK_AGAIN;
            memory[ABSURD_STATE] = recurs ? BACK_AGAIN : BLOWN_UP;
            if (recurs ? reporter.fires(Severity.WARNING) : reporter.notes()) {
                double usual = loss.smallestOfFirst();
                reporter.report(message("training loss", value, usual, ABSURD * usual, memory[SPIKES]));
            }
            return;
        }
        if (memory[ABSURD_STATE] == BLOWN_UP) {
            memory[ABSURD_STATE] = BACK_AGAIN;
        }
        if (loss.size() <= KNOWN) {
            return;
        }
        double median = loss.windowMedian();
        boolean steps = loss.ofSteps();
        boolean spike = median > 0
                && value > ratio * median
                && loss.excursion() > deviations * loss.windowDeviation()
                && loss.earlierExcursions() >= (steps ? STEP_EXCURSIONS : EXCURSIONS)
                && loss.excursion() > (steps ? stepOver : over) * loss.largestEarlierExcursion()
                && (!steps || loss.excursion() > stepRange * loss.rangeBefore());
        if (!spike) {
            if (value < RECOVERED * median && isQuiet(memory, loss.size())) {
                reporter.clears();
            }
            return;
        }
        boolean again = memory[LAST_SPIKE] > 0 && loss.size() - memory[LAST_SPIKE] < AGAIN;
        memory[LAST_SPIKE] = loss.size();
        // One batch of a run near zero is easily 10 x the median; it is news when it stands above where the run began.
        // What costs little of all that was gained is noise at the end of a good run.
        boolean visible = loss.excursion() > gainLost * (loss.start() - median);
        boolean loud = isDense(run) ? again || (value > HUGE * median && value > loss.start()) : visible;
        memory[SPIKES] += loud ? 1 : 0;
        if (loud ? reporter.fires(Severity.WARNING) : reporter.notes()) {
            reporter.report(message("training loss", value, median, ratio * median, memory[SPIKES]));
        }
    }

    /** An epoch's mean at many times what every epoch before it cost, the first ones included, needs no window to be told. */
    private static boolean isAbsurd(LossCurve loss, double value) {
        return !loss.ofSteps()
                && loss.size() > 1
                && loss.smallestOfFirst() > 0
                && value > ABSURD * loss.smallestOfFirst()
                && value > ABSURD * loss.recent().minOfLast((int) Math.min(loss.size(), 32));
    }

    private static boolean isQuiet(double[] memory, long records) {
        return memory[SPIKES] < REPEATED
                || records - memory[LAST_SPIKE] >= Math.max(QUIET_RECORDS, QUIET_SHARE * records);
    }

    private void examineValidation(RunState run, double value, double[] memory, FindingReporter reporter) {
        Ring recent = run.validation().recent();
        if (recent.size() <= KNOWN) {
            return;
        }
        int before = recent.size() - 1;
        double median = recent.medianBeforeNewest(10);
        boolean highest = true;
        for (int age = 1; age <= before; age++) {
            highest &= value > recent.ago(age);
        }
        double deviation = recent.deviationBeforeNewest(10, median);
        if (median > 0 && value > validationRatio * median && value - median > deviations * deviation && highest) {
            memory[LAST_SPIKE] = run.loss().size();
            memory[SPIKES]++;
            if (reporter.fires(Severity.WARNING)) {
                reporter.report(message("validation loss", value, median, validationRatio * median, memory[SPIKES]));
            }
        } else if (!run.loss().ofSteps() && run.loss().size() == 0 && value < RECOVERED * median) {
            reporter.clears();
        }
    }

    private static AlertMessage message(String what, double value, double median, double threshold, double spikes) {
        String again = spikes >= REPEATED ? ", the " + NumberText.ordinal((long) spikes) + " time." : ".";
        return AlertMessage.of("The " + what + " jumped from about " + NumberText.number(median) + " to "
                        + NumberText.number(value) + again)
                .with("observed", value, "loss")
                .with("threshold", threshold, "loss")
                .with("window", 10, "records");
    }
}
