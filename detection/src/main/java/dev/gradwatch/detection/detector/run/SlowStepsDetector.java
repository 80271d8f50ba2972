package dev.gradwatch.detection.detector.run;

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
import dev.gradwatch.detection.state.Observation;
import dev.gradwatch.detection.state.RunState;
import dev.gradwatch.detection.state.StepTimes;

/**
 * Optimizer steps take much longer than they did.
 *
 * <p>Rule: the median time of a step, by event time over 32 reports, is above 1.3 x the run's usual one in three windows running, which span a minute at least; the usual
 * one is the slowest of its first four windows, without the very first. Resolved after two windows below. Source: step-time watching of
 * training infrastructure; medians keep evaluations and checkpoints out.
 *
 * <p>Known false alarms: sequences that grow by plan; a larger batch from some epoch on.
 */
public final class SlowStepsDetector implements Detector {

    public static final String ID = "slow-steps";

    private static final Parameter FACTOR =
            new Parameter("factor", 1.3, 1.01, 1000, "x the usual time", "A window slower than this counts.");
    private static final Parameter WINDOWS =
            new Parameter("windows", 3, 1, 1000, "windows", "Slow windows running before it fires.");
    private static final Parameter SECONDS =
            new Parameter("seconds", 60, 0, 1e6, "seconds", "How long the slow windows must have taken together.");

    public static final CatalogueEntry ENTRY = CatalogueEntry.of(ID)
            .title("Slow steps")
            .summary("Optimizer steps take much longer than they used to in this run.")
            .severities(Severity.WARNING)
            .about(Subject.MACHINE)
            .suggests(CauseCode.INFRASTRUCTURE_FAULT, 0.7)
            .parameters(FACTOR, WINDOWS, SECONDS)
            .affecting(FaultEffect.of(FaultEffect.Kind.OUTSIDE_THE_MODEL))
            .build();

    /** Slots of the memory: slow windows in a row, usual ones in a row, and since when it is slow. */
    private static final int SLOW = 0;

    private static final int FAST = 1;
    private static final int SLOW_SINCE = 2;
    private static final int SLOTS = 3;

    /** Usual windows in a row that end the alert: one may be chance. Set by eye on recorded runs. */
    private static final int CLEAN_WINDOWS = 2;

    private final double factor;
    private final double windows;
    private final double seconds;

    public SlowStepsDetector(DetectorSettings settings) {
        factor = settings.get(ID, FACTOR);
        windows = settings.get(ID, WINDOWS);
        seconds = settings.get(ID, SECONDS);
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
        double usual = run.stepTimes().usualMillis();
        if (!now.stepTimesCompleted() || Double.isNaN(usual)) {
            return;
        }
        double median = run.stepTimes().medianMillis();
        boolean slow = median > factor * usual;
        if (slow && memory[SLOW] == 0) {
            memory[SLOW_SINCE] = run.progress().lastMillis();
        }
        double slowSeconds = (run.progress().lastMillis() - memory[SLOW_SINCE]) / 1000;
        memory[SLOW] = slow ? memory[SLOW] + 1 : 0;
        memory[FAST] = slow ? 0 : memory[FAST] + 1;
        if (memory[FAST] >= CLEAN_WINDOWS) {
            reporter.clears();
        } else if (memory[SLOW] >= windows && slowSeconds >= seconds && reporter.fires(Severity.WARNING)) {
            reporter.report(AlertMessage.of(
                            "A step takes " + NumberText.number(median) + " ms, " + NumberText.number(median / usual)
                                    + " x the " + NumberText.number(usual) + " ms that it used to.")
                    .with("observed", median, "milliseconds")
                    .with("threshold", factor * usual, "milliseconds")
                    .with("window", memory[SLOW] * StepTimes.WINDOW, "steps")
                    .with("usual", usual, "milliseconds"));
        }
    }
}
